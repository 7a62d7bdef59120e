//! Mail: put into the outbox, and out of it given to a server or into a folder. It must not know what the mails are
//! about.

use std::{path::PathBuf, time::Duration};

use chrono::{DateTime, Utc};
use groupgraph_entities::delivery;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::authentication::Credentials,
};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};

use crate::{
    delivery::{Fault, Kind, parcel},
    hub::Hub,
    settings::{Mail, MailTransport},
};

/// Port on which TLS begins with the connection instead of after STARTTLS.
const SUBMISSIONS_PORT: u16 = 465;
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends mails from one address; cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    from: Mailbox,
    transport: Transport,
}

#[derive(Clone)]
enum Transport {
    None,
    Folder(PathBuf),
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
}

/// A mail of plain text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Letter {
    pub to: String,
    pub subject: String,
    pub text: String,
}

/// Why a mail cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    #[error("not an e-mail address: {0}")]
    Address(#[from] lettre::address::AddressError),
    #[error("malformed mail: {0}")]
    Message(#[from] lettre::error::Error),
    #[error("mail server: {0}")]
    Smtp(#[from] lettre::transport::smtp::Error),
    #[error("no transport for mail is set")]
    NoTransport,
    #[error("mail folder: {0}")]
    Folder(#[from] std::io::Error),
}

impl Mailer {
    /// Prepares the transport; connects to nothing yet. Makes the folder.
    ///
    /// # Errors
    /// The sender is no address, the host name is malformed, or the folder cannot be made.
    pub fn new(settings: &Mail) -> Result<Self, MailError> {
        let transport = match settings.transport {
            MailTransport::None => Transport::None,
            MailTransport::Folder => {
                std::fs::create_dir_all(&settings.folder)?;
                Transport::Folder(settings.folder.clone())
            }
            MailTransport::Smtp => Transport::Smtp(smtp(settings)?),
        };
        Ok(Self { from: settings.from.parse()?, transport })
    }

    /// Hands over a mail of plain text; the server or folder has it when this returns. The key makes a second mail
    /// of the same delivery recognisable: it is the `Message-ID`, and the name of the file.
    ///
    /// # Errors
    /// The recipient is no address, there is no transport, or the mail was not taken.
    pub async fn send(&self, key: &str, letter: &Letter) -> Result<(), MailError> {
        let domain = self.from.email.domain();
        let builder = Message::builder()
            .from(self.from.clone())
            .to(letter.to.parse()?)
            .subject(letter.subject.as_str())
            .message_id(Some(format!("<{key}@{domain}>")))
            .header(ContentType::TEXT_PLAIN);
        let message = builder.body(letter.text.clone())?;
        match &self.transport {
            Transport::None => Err(MailError::NoTransport),
            Transport::Folder(folder) => Ok(write(folder, (key, &letter.to), &message.formatted()).await?),
            Transport::Smtp(server) => Ok(server.send(message).await.map(drop)?),
        }
    }
}

/// A mail in the outbox, due at once and worth nothing after an instant. The caller inserts it.
#[must_use]
pub fn parcel(hub: &Hub, tenant: i64, letter: &Letter, expires_at: DateTime<Utc>) -> delivery::ActiveModel {
    let mut row = parcel::parcel(hub, Kind::Mail, "mail".into(), letter);
    row.tenant_id = Set(Some(tenant));
    row.expires_at = Set(Some(expires_at));
    row
}

/// Sends a mail out of the outbox.
///
/// # Errors
/// It was not taken; for good if the server says so.
pub async fn send(hub: &Hub, row: &delivery::Model) -> Result<Option<u16>, Fault> {
    let letter: Letter = parcel::open(hub, row)?;
    let sent = hub.mailer.send(&row.idempotency_key, &letter).await;
    sent.map(|()| None).map_err(|error| match error {
        MailError::NoTransport => Fault::new("NO_TRANSPORT", "No transport for mail is set.").for_good(),
        MailError::Address(_) | MailError::Message(_) => Fault::new("MALFORMED", error.to_string()).for_good(),
        MailError::Smtp(cause) if cause.is_permanent() => Fault::new("REFUSED", cause.to_string()).for_good(),
        MailError::Smtp(cause) => Fault::new("SERVER_ERROR", cause.to_string()),
        MailError::Folder(cause) => {
            tracing::error!(error = %cause, "the folder of mails cannot be written");
            Fault::new("INTERNAL", "The folder cannot be written.")
        }
    })
}

fn smtp(settings: &Mail) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailError> {
    let mut builder = if settings.smtp_port == SUBMISSIONS_PORT {
        AsyncSmtpTransport::<Tokio1Executor>::relay(&settings.smtp_host)?
    } else {
        AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&settings.smtp_host)?
    };
    if !settings.smtp_user.is_empty() {
        let password = settings.smtp_password.as_ref().map_or("", |password| password.expose());
        builder = builder.credentials(Credentials::new(settings.smtp_user.clone(), password.to_owned()));
    }
    Ok(builder.port(settings.smtp_port).timeout(Some(PATIENCE)).build())
}

/// Names sort by time, as keys do. The file appears whole, so that a watcher never reads half a mail.
async fn write(folder: &std::path::Path, (key, to): (&str, &str), mail: &[u8]) -> std::io::Result<()> {
    let recipient: String =
        to.chars().map(|c| if c.is_ascii_alphanumeric() || "@.-_".contains(c) { c } else { '_' }).collect();
    let name = format!("{key}-{recipient}");
    let draft = folder.join(format!("{name}.draft"));
    tokio::fs::write(&draft, mail).await?;
    tokio::fs::rename(draft, folder.join(format!("{name}.eml"))).await
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn letter(to: &str, subject: &str) -> Letter {
        Letter { to: to.into(), subject: subject.into(), text: "Your code is 0042.".into() }
    }

    fn folder() -> (PathBuf, Mailer) {
        let folder = std::env::temp_dir().join(Uuid::new_v4().to_string());
        let settings = Mail { transport: MailTransport::Folder, folder: folder.clone(), ..Mail::default() };
        (folder, Mailer::new(&settings).unwrap())
    }

    #[tokio::test]
    async fn a_folder_gets_one_readable_file_for_each_key() {
        let (folder, mailer) = folder();
        for (key, subject) in [("a", "First"), ("b", "Second"), ("a", "First")] {
            mailer.send(key, &letter("ada@example.com", subject)).await.unwrap();
        }
        let mut names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        assert_eq!(names.len(), 2);
        assert!(names[0].to_str().unwrap().ends_with("a-ada@example.com.eml"));
        let first = std::fs::read_to_string(&names[0]).unwrap();
        assert!(first.contains("To: ada@example.com\r\n") && first.contains("Subject: First\r\n"), "{first}");
        assert!(first.contains("Message-ID: <a@localhost>\r\n") && first.contains("Your code is 0042."), "{first}");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn without_transport_nothing_is_sent() {
        let mailer = Mailer::new(&Mail::default()).unwrap();
        let sent = mailer.send("a", &letter("ada@example.com", "First")).await;
        assert!(matches!(sent, Err(MailError::NoTransport)));
        assert!(matches!(mailer.send("a", &letter("nobody", "First")).await, Err(MailError::Address(_))));
    }

    #[tokio::test]
    async fn nobody_smuggles_headers_in() {
        let (_, mailer) = folder();
        assert!(mailer.send("a", &letter("ada@example.com\r\nBcc: eve@example.com", "First")).await.is_err());
    }
}
