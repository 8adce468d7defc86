//! Connections, the thread that drives them, and how long anything may take.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{sleep, timeout};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Statement};

use super::config::{Settings, cause};
use crate::{Error, Result};

/// How many connections are open at the most, beside the one that listens.
const CONNECTIONS: usize = 8;
/// How long an operation may take, with all its attempts.
pub(super) const DEADLINE: Duration = Duration::from_secs(5);
/// How long to wait before the next attempt.
pub(super) const PAUSE: Duration = Duration::from_millis(50);

/// For each connection. The server ends what the caller does not wait for any more, and no commit that it confirms is
/// lost when the server is.
const SESSION: &str = "\
    SET statement_timeout = '5s';\
    SET lock_timeout = '5s';\
    SET idle_in_transaction_session_timeout = '5s';\
    SET bytea_output = 'hex';\
    SELECT set_config('synchronous_commit', 'on', false) \
        WHERE current_setting('synchronous_commit') = 'off'";

/// A connection with the statements that were prepared on it.
pub(super) struct Connection {
    pub(super) client: Client,
    statements: HashMap<&'static str, Statement>,
    in_transaction: bool,
}

/// Why an attempt has failed.
pub(super) enum Failure {
    /// The next one would fail as well.
    Refused(Error),
    /// The next one may succeed. Whether this one has changed anything is not known: the connection may have been lost on
    /// the way from a commit.
    Again(String),
}

/// What is to be done with a connection.
pub(super) type Work<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// Runs work on connections, from any thread, whether or not that one runs futures itself.
pub(super) struct Pool {
    shared: Arc<Shared>,
    runtime: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

pub(super) struct Shared {
    settings: Settings,
    idle: Mutex<Vec<Connection>>,
    permits: Semaphore,
}

impl Pool {
    pub(super) fn new(settings: Settings) -> Result<Self> {
        let failed = |error: std::io::Error| Error::Store(format!("PostgreSQL: {error}"));
        let runtime = Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(failed)?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("wasi-crypto-keys".into())
            .spawn(move || {
                // Either way the pool is gone.
                let _ = runtime.block_on(stopped);
            })
            .map_err(failed)?;
        let shared = Shared {
            settings,
            idle: Mutex::new(Vec::new()),
            permits: Semaphore::new(CONNECTIONS),
        };
        Ok(Self {
            shared: Arc::new(shared),
            runtime: handle,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Does `work`, again and again until it succeeds, is refused, or takes too long. So `work` has to see for itself
    /// whether an earlier attempt has succeeded after all.
    pub(super) fn run<T: Send + 'static>(
        &self,
        work: impl for<'a> Fn(&'a mut Connection) -> Work<'a, T> + Send + Sync + 'static,
    ) -> Result<T> {
        let (answer, answered) = mpsc::sync_channel(1);
        let shared = Arc::clone(&self.shared);
        self.runtime.spawn(async move {
            let mut last = String::from("no answer");
            let done = timeout(DEADLINE, shared.persist(&work, &mut last)).await;
            let done = done.unwrap_or_else(|_| {
                Err(Error::Store(format!(
                    "PostgreSQL: given up after {} s, and a change may or may not have been made: {last}",
                    DEADLINE.as_secs()
                )))
            });
            // Whoever asked may have given up.
            let _ = answer.send(done);
        });
        // The thread answers in time, unless something is very wrong with it.
        answered
            .recv_timeout(2 * DEADLINE)
            .unwrap_or_else(|_| Err(Error::Store("PostgreSQL: no answer".into())))
    }

    /// Runs `task` until the pool is dropped.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(task);
    }

    pub(super) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It has nothing to say.
            let _ = thread.join();
        }
    }
}

impl Shared {
    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    async fn persist<T>(
        &self,
        work: &(impl for<'a> Fn(&'a mut Connection) -> Work<'a, T> + Send + Sync),
        last: &mut String,
    ) -> Result<T> {
        let Ok(_permit) = self.permits.acquire().await else {
            return Err(Error::Store("PostgreSQL: the store is closed".into()));
        };
        loop {
            match self.attempt(work).await {
                Ok(done) => return Ok(done),
                Err(Failure::Refused(error)) => return Err(error),
                Err(Failure::Again(error)) => *last = error,
            }
            sleep(PAUSE).await;
        }
    }

    async fn attempt<T>(
        &self,
        work: &(impl for<'a> Fn(&'a mut Connection) -> Work<'a, T> + Send + Sync),
    ) -> Result<T, Failure> {
        let idle = self.take_idle();
        let mut connection = match idle {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let done = work(&mut connection).await;
        if connection.in_transaction {
            connection.rollback().await;
        }
        // One that was given up halfway does not come here: it is closed.
        if !connection.in_transaction && !connection.client.is_closed() {
            self.idle().push(connection);
        }
        done
    }

    fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.idle();
        while let Some(connection) = idle.pop() {
            if !connection.client.is_closed() {
                return Some(connection);
            }
        }
        None
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn connect(&self) -> Result<Connection, Failure> {
        let Settings { config, tls } = &self.settings;
        let (client, connection) = config.connect(tls.clone()).await?;
        tokio::spawn(async move {
            // The client's calls fail with it.
            let _ = connection.await;
        });
        client.batch_execute(SESSION).await?;
        Ok(Connection {
            client,
            statements: HashMap::new(),
            in_transaction: false,
        })
    }
}

impl Connection {
    /// A statement, prepared when it is needed for the first time.
    pub(super) async fn prepare(&mut self, sql: &'static str) -> Result<Statement, Failure> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql).await?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }

    /// To be said before a transaction begins: it is rolled back unless [`Connection::ended`] follows.
    pub(super) fn begun(&mut self) {
        self.in_transaction = true;
    }

    /// To be said after it was committed.
    pub(super) fn ended(&mut self) {
        self.in_transaction = false;
    }

    async fn rollback(&mut self) {
        if self.client.batch_execute("ROLLBACK").await.is_ok() {
            self.in_transaction = false;
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        let line = cause(&error);
        match error.code() {
            None if is_distrust(&error) => {
                Self::Refused(Error::Store(format!("PostgreSQL: {line}")))
            }
            // Without a code it is the connection that has failed, and not the server that has refused.
            None => Self::Again(line),
            Some(code) if is_passing(code) => Self::Again(line),
            Some(_) => Self::Refused(Error::Store(format!("PostgreSQL: {line}"))),
        }
    }
}

/// The server has no good certificate, and will have none the next time.
fn is_distrust(error: &tokio_postgres::Error) -> bool {
    let source = std::error::Error::source(error);
    let inner = source
        .and_then(|source| source.downcast_ref::<std::io::Error>())
        .and_then(std::io::Error::get_ref)
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    matches!(inner, Some(rustls::Error::InvalidCertificate(_)))
}

/// The server goes down or comes up, is full, or has picked this transaction as the victim of a deadlock.
fn is_passing(code: &SqlState) -> bool {
    code.code().starts_with("08")
        || [
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::TOO_MANY_CONNECTIONS,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        ]
        .contains(code)
}
