//! Connections, the thread that drives them, and how long anything may take.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{sleep, timeout};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};

use super::config::{Settings, cause};
use crate::{Error, Result};

/// How many connections are open at the most, beside the one that listens.
const CONNECTIONS: usize = 8;
/// How long an operation may take, with all its attempts.
pub(super) const DEADLINE: Duration = Duration::from_secs(5);
/// How long to wait before the next attempt.
pub(super) const PAUSE: Duration = Duration::from_millis(50);

/// Begins every transaction. The server ends what the caller does not wait for any more, and no commit that it confirms is
/// lost when the server is. All of it ends with the transaction: behind a pooler, the connection serves others after.
const BEGIN: &str = "\
    BEGIN ISOLATION LEVEL READ COMMITTED;\
    SET LOCAL statement_timeout = '5s';\
    SET LOCAL lock_timeout = '5s';\
    SET LOCAL idle_in_transaction_session_timeout = '5s';\
    SET LOCAL search_path = pg_catalog;\
    SELECT set_config('synchronous_commit', 'on', true) \
        WHERE current_setting('synchronous_commit') = 'off'";
const COMMIT: &str = "COMMIT";

/// A connection, which behind a pooler is another one of the server's in each transaction.
pub(super) struct Connection {
    client: Client,
    in_transaction: bool,
}

/// What stands for `$1` and so on, with the type that the server is told: nothing is prepared by name, which would be gone
/// in the next transaction.
pub(super) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// Why an attempt has failed.
pub(super) enum Failure {
    /// The next one would fail as well.
    Refused(Error),
    /// The next one may succeed. Whether this one has changed anything is not known: the connection may have been lost on
    /// the way from a commit.
    Again(String),
}

/// What has kept an operation from being done so far.
#[derive(Default)]
pub(super) struct Trouble {
    /// Whether there was a connection, and so a change may have been made.
    was_connected: bool,
    last: Option<String>,
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
            let mut trouble = Trouble::default();
            let done = timeout(DEADLINE, shared.persist(&work, &mut trouble)).await;
            let done = done.unwrap_or_else(|_| Err(Error::Store(trouble.to_string())));
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

    /// Does `work` until it succeeds or is refused, and leaves in `trouble` why it has not yet.
    pub(super) async fn persist<T>(
        &self,
        work: &(impl for<'a> Fn(&'a mut Connection) -> Work<'a, T> + Send + Sync),
        trouble: &mut Trouble,
    ) -> Result<T> {
        let Ok(_permit) = self.permits.acquire().await else {
            return Err(Error::Store("PostgreSQL: the store is closed".into()));
        };
        loop {
            match self.attempt(work, &mut trouble.was_connected).await {
                Ok(done) => return Ok(done),
                Err(Failure::Refused(error)) => return Err(error),
                Err(Failure::Again(error)) => trouble.last = Some(error),
            }
            sleep(PAUSE).await;
        }
    }

    async fn attempt<T>(
        &self,
        work: &(impl for<'a> Fn(&'a mut Connection) -> Work<'a, T> + Send + Sync),
        was_connected: &mut bool,
    ) -> Result<T, Failure> {
        let idle = self.take_idle();
        let mut connection = match idle {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        *was_connected = true;
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
        let settings = &self.settings;
        let connecting = settings.config.connect(settings.tls.clone()).await;
        let (client, connection) = connecting.map_err(|error| not_let_in(&error, settings))?;
        tokio::spawn(async move {
            // The client's calls fail with it.
            let _ = connection.await;
        });
        Ok(Connection {
            client,
            in_transaction: false,
        })
    }
}

impl Connection {
    /// Runs a statement, within the transaction that was begun or in one of its own.
    pub(super) async fn query(
        &mut self,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        if self.in_transaction {
            return self.client.query_typed(sql, parameters).await;
        }
        self.in_transaction = true;
        // Sent in this order, without waiting for answers between.
        let (begun, rows, committed) = tokio::join!(
            biased;
            self.client.batch_execute(BEGIN),
            self.client.query_typed(sql, parameters),
            self.client.batch_execute(COMMIT),
        );
        self.ended(&committed);
        begun?;
        let rows = rows?;
        committed?;
        Ok(rows)
    }

    /// As [`Connection::query`], where one row is all there can be.
    pub(super) async fn query_opt(
        &mut self,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Option<Row>, tokio_postgres::Error> {
        Ok(self.query(sql, parameters).await?.pop())
    }

    /// Begins a transaction. It is rolled back after the work that it is part of, unless it was committed.
    pub(super) async fn begin(&mut self) -> Result<(), tokio_postgres::Error> {
        self.in_transaction = true;
        self.client.batch_execute(BEGIN).await
    }

    /// Begins a transaction with a statement.
    pub(super) async fn begin_with(
        &mut self,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        self.in_transaction = true;
        let (begun, rows) = tokio::join!(
            biased;
            self.client.batch_execute(BEGIN),
            self.client.query_typed(sql, parameters),
        );
        begun?;
        rows
    }

    /// Runs statements that have no parameters, within a transaction.
    pub(super) async fn batch(&mut self, sql: &str) -> Result<(), tokio_postgres::Error> {
        self.client.batch_execute(sql).await
    }

    /// Commits the transaction after a last statement. If that fails, nothing is committed.
    pub(super) async fn commit_with(
        &mut self,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        let (rows, committed) = tokio::join!(
            biased;
            self.client.query_typed(sql, parameters),
            self.client.batch_execute(COMMIT),
        );
        self.ended(&committed);
        let rows = rows?;
        committed?;
        Ok(rows)
    }

    /// Commits the transaction.
    pub(super) async fn commit(&mut self) -> Result<(), tokio_postgres::Error> {
        let committed = self.client.batch_execute(COMMIT).await;
        self.ended(&committed);
        committed
    }

    /// `COMMIT` ends a transaction that has failed, too.
    fn ended(&mut self, committed: &Result<(), tokio_postgres::Error>) {
        self.in_transaction &= committed.is_err();
    }

    async fn rollback(&mut self) {
        if self.client.batch_execute("ROLLBACK").await.is_ok() {
            self.in_transaction = false;
        }
    }
}

/// Why there is no connection, and what may be the cause of it.
fn not_let_in(error: &tokio_postgres::Error, settings: &Settings) -> Failure {
    let no_password =
        "PostgreSQL: the server asks for a password, and none was given: set PGPASSWORD";
    let line = match error.code() {
        None if is_password_missing(error) => no_password.into(),
        Some(code) if code.code().starts_with("28") => format!("PostgreSQL: {}", cause(error)),
        _ => return error.into(),
    };
    let unread = match (&settings.unread_passwords, settings.has_password) {
        (Some(file), false) => format!(
            "; the file {} is not read, put the password from it into PGPASSWORD",
            file.display()
        ),
        _ => String::new(),
    };
    Error::Store(format!("{line}{unread}")).into()
}

/// tokio-postgres tells this apart by its text alone.
fn is_password_missing(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(|cause| cause.to_string() == "password missing")
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = DEADLINE.as_secs();
        let last = self.last.as_deref().unwrap_or("no answer");
        if self.was_connected {
            write!(
                f,
                "PostgreSQL: given up after {seconds} s: {last}; a change may or may not have been made, so look before \
                 trying again"
            )
        } else {
            write!(
                f,
                "PostgreSQL: no connection in {seconds} s: {last}; check where the server is, and whether it runs"
            )
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
        Self::from(&error)
    }
}

impl From<&tokio_postgres::Error> for Failure {
    fn from(error: &tokio_postgres::Error) -> Self {
        let line = cause(error);
        match error.code() {
            None if is_distrust(error) => {
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
