//! The connection that hears what others have changed.

use std::future::poll_fn;
use std::sync::Arc;

use tokio::time::sleep;
use tokio_postgres::AsyncMessage;

use super::pool::{PAUSE, Shared};
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

async fn listen_once(shared: &Shared, listener: &Listener) -> Result<(), tokio_postgres::Error> {
    let settings = shared.settings();
    let (client, mut connection) = settings.config.connect(settings.tls.clone()).await?;
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
    let listening = client.batch_execute(&format!("LISTEN {CHANNEL}")).await;
    if listening.is_ok() {
        listener(Change::Unknown);
        // Ends when the connection does.
        let _ = driver.await;
    }
    drop(client);
    listening
}
