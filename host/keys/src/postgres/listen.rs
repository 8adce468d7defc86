//! The connection that hears what others have changed.

use std::future::poll_fn;
use std::sync::Arc;

use tokio::time::error::Elapsed;
use tokio::time::{sleep, timeout};
use tokio_postgres::AsyncMessage;

use super::pool::{DEADLINE, Failure, PAUSE, Shared};
use crate::KeyId;
use crate::store::{Change, Listener};

/// The channel on which identifiers of changed keys are told.
pub(super) const CHANNEL: &str = "wasi_crypto_keys";

/// Listens for ever, and connects again when the connection is lost.
pub(super) async fn listen(shared: Arc<Shared>, listener: Listener) {
    loop {
        // For want of better, what was missed is everything.
        let _ = listen_once(&shared, &listener).await;
        listener(Change::Unknown);
        sleep(PAUSE).await;
    }
}

async fn listen_once(shared: &Shared, listener: &Listener) -> Result<(), Failure> {
    let settings = shared.settings();
    let connecting = settings.config.connect(settings.tls.clone());
    let (client, mut connection) = timeout(DEADLINE, connecting).await.map_err(late)??;
    let told = Arc::clone(listener);
    let driver = tokio::spawn(async move {
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(notification) = message
                && notification.channel() == CHANNEL
            {
                told(match KeyId::parse(notification.payload()) {
                    Ok(id) => Change::Key(id),
                    Err(_) => Change::Unknown,
                });
            }
        }
    });
    let listen = format!("LISTEN {CHANNEL}");
    timeout(DEADLINE, client.batch_execute(&listen))
        .await
        .map_err(late)??;
    listener(Change::Unknown);
    // Ends when the connection does.
    let _ = driver.await;
    drop(client);
    Ok(())
}

fn late(_: Elapsed) -> Failure {
    Failure::Again("no answer".into())
}
