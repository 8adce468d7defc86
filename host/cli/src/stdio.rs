//! The guest's standard output and standard error: the command's own, and a signal where nobody reads them.

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

use crate::signals;

/// An output of this process. A guest that writes to a closed pipe ends as any other program does that does not handle
/// SIGPIPE: without, it gets WASI's number of the error, which is another one than the system's, and prints that.
pub struct Output<S>(pub S);

impl<S: IsTerminal> IsTerminal for Output<S> {
    fn is_terminal(&self) -> bool {
        self.0.is_terminal()
    }
}

impl<S: StdoutStream> StdoutStream for Output<S> {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        self.0.async_stream()
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(Stream(self.0.p2_stream()))
    }
}

struct Stream(Box<dyn OutputStream>);

/// wasmtime's streams are closed when their pipe is, and never else.
fn open<T>(result: StreamResult<T>) -> StreamResult<T> {
    if let Err(StreamError::Closed) = result {
        signals::broken_pipe();
    }
    result
}

#[async_trait]
impl Pollable for Stream {
    async fn ready(&mut self) {
        self.0.ready().await;
    }
}

impl OutputStream for Stream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        open(self.0.write(bytes))
    }

    fn flush(&mut self) -> StreamResult<()> {
        open(self.0.flush())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        open(self.0.check_write())
    }
}
