//! The connection that hears what others have changed, and what becomes of it behind a pooler.
//!
//! A pooler in transaction mode gives each transaction another of the server's connections: `LISTEN` succeeds, and nothing
//! is heard ever after. So the listener tells itself something now and then, by another connection, and believes that it
//! hears only while that arrives.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::error::Elapsed;
use tokio::time::{sleep, timeout};
use tokio_postgres::tls::TlsStream;
use tokio_postgres::{AsyncMessage, Client, Connection, Socket};
use wasi_crypto_engine::Engine;

use super::parameters::text;
use super::pool::{Connection as Pooled, DEADLINE, Failure, PAUSE, Shared, Trouble, Work};
use crate::KeyId;
use crate::manager::random;
use crate::store::{Change, Listener};

/// The channel on which identifiers of changed keys are told.
pub(super) const CHANNEL: &str = "wasi_crypto_keys";
/// The channel on which listeners tell themselves that they hear.
const PROBE: &str = "wasi_crypto_probe";

/// How long a listener waits for what it has told itself, and how often it tells it before it believes that it is deaf: the
/// server may be slow.
const HEARD_WITHIN: Duration = Duration::from_secs(5);
const ATTEMPTS: u32 = 3;
/// How long it believes that it hears, since it last has.
const BELIEVED_FOR: Duration = Duration::from_secs(30);
/// How long it waits after it has heard nothing: the pooler may have gone.
const DEAF_FOR: Duration = Duration::from_secs(60);

/// Why a listener has stopped.
enum Stopped {
    /// The connection was lost, or there was none.
    Lost,
    /// It hears nothing; why.
    Deaf(String),
}

/// Listens for ever, and connects again when the connection is lost.
pub(super) async fn listen(shared: Arc<Shared>, listener: Listener) {
    let mut has_warned = false;
    loop {
        let stopped = listen_once(&shared, &listener).await;
        // For want of better, what was missed is everything.
        listener(Change::Unknown);
        match stopped {
            Stopped::Lost => sleep(PAUSE).await,
            Stopped::Deaf(why) => {
                if !has_warned {
                    tracing::warn!(
                        "PostgreSQL does not tell this host what others change ({why}): a key that another host has \
                         revoked is noticed when it is asked for again, after a second unless another limit is set"
                    );
                    has_warned = true;
                }
                sleep(DEAF_FOR).await;
            }
        }
    }
}

async fn listen_once(shared: &Shared, listener: &Listener) -> Stopped {
    let settings = shared.settings();
    let Ok(nonce) = random(&Engine::default()) else {
        return Stopped::Lost;
    };
    let nonce = KeyId::from_bytes(nonce).to_string();
    let connected = timeout(DEADLINE, settings.config.connect(settings.tls.clone())).await;
    let Ok(Ok((client, connection))) = connected else {
        return Stopped::Lost;
    };
    let heard = Arc::new(Notify::new());
    let mut driver = drive(connection, listener, nonce.clone(), Arc::clone(&heard));
    let listen = format!("LISTEN {CHANNEL}; LISTEN {PROBE}");
    match timeout(DEADLINE, client.batch_execute(&listen)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            return match Failure::from(error) {
                Failure::Refused(error) => Stopped::Deaf(error.to_string()),
                Failure::Again(_) => Stopped::Lost,
            };
        }
        Err(Elapsed { .. }) => return Stopped::Lost,
    }
    listener(Change::Unknown);
    let mut missed = 0;
    loop {
        if tell(shared, &nonce).await.is_err() {
            return Stopped::Lost;
        }
        tokio::select! {
            _ = &mut driver => return Stopped::Lost,
            () = heard.notified() => missed = 0,
            () = sleep(HEARD_WITHIN) => missed += 1,
        }
        if missed == ATTEMPTS {
            unlisten(&client).await;
            return Stopped::Deaf("as behind a pooler in transaction mode".into());
        }
        tokio::select! {
            _ = &mut driver => return Stopped::Lost,
            () = sleep(BELIEVED_FOR), if missed == 0 => {}
            () = sleep(PAUSE), if missed > 0 => {}
        }
    }
}

/// Passes on what a connection hears, until it ends.
fn drive(
    mut connection: Connection<Socket, impl TlsStream + Unpin + Send + 'static>,
    listener: &Listener,
    nonce: String,
    heard: Arc<Notify>,
) -> JoinHandle<()> {
    let listener = Arc::clone(listener);
    tokio::spawn(async move {
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            let AsyncMessage::Notification(notification) = message else {
                continue;
            };
            match notification.channel() {
                CHANNEL => listener(match KeyId::parse(notification.payload()) {
                    Ok(id) => Change::Key(id),
                    Err(_) => Change::Unknown,
                }),
                PROBE if notification.payload() == nonce => heard.notify_one(),
                _ => {}
            }
        }
    })
}

/// Tells all listeners something, by another connection than theirs: by its own, a pooler's would be heard.
async fn tell(shared: &Shared, nonce: &str) -> Result<(), Elapsed> {
    let work = probing(nonce.to_owned());
    let mut trouble = Trouble::default();
    // What is refused is not heard either, which is noticed.
    timeout(DEADLINE, shared.persist(&work, &mut trouble))
        .await
        .map(drop)
}

fn probing(nonce: String) -> impl for<'a> Fn(&'a mut Pooled) -> Work<'a, ()> + Send + Sync {
    move |connection| {
        let nonce = nonce.clone();
        Box::pin(async move {
            let parameters = [text(&PROBE), text(&nonce)];
            let notify = "SELECT pg_notify($1, $2)";
            connection.query(notify, &parameters).await?;
            Ok(())
        })
    }
}

/// Takes back, as far as that is possible, what would stay behind on one of a pooler's connections.
async fn unlisten(client: &Client) {
    let unlisten = format!("UNLISTEN {CHANNEL}; UNLISTEN {PROBE}");
    // Which connection it reaches is the pooler's choice.
    let _ = timeout(DEADLINE, client.batch_execute(&unlisten)).await;
}
