//! Sends mail: to a server, into a folder, or nowhere. It must not know what the mails are about.

use std::{path::PathBuf, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::authentication::Credentials,
};
use uuid::Uuid;

use crate::settings::{Mail, MailTransport};

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

/// Why a mail cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    #[error("not an e-mail address: {0}")]
    Address(#[from] lettre::address::AddressError),
    #[error("malformed mail: {0}")]
    Message(#[from] lettre::error::Error),
    #[error("mail server: {0}")]
    Smtp(#[from] lettre::transport::smtp::Error),
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

    /// Hands over a mail of plain text. A folder has it when this returns; to a server it travels in the background,
    /// because the time that it takes would tell whether there is anybody to send it to. Failures there are logged.
    ///
    /// # Errors
    /// The recipient is no address, or the file cannot be written.
    pub async fn send(&self, to: &str, subject: &str, text: &str) -> Result<(), MailError> {
        let mut builder = Message::builder().from(self.from.clone()).to(to.parse()?).subject(subject);
        builder = builder.header(ContentType::TEXT_PLAIN);
        let message = builder.body(text.to_owned())?;
        match &self.transport {
            Transport::None => tracing::warn!(subject, "mail dropped, because no transport is set"),
            Transport::Folder(folder) => write(folder, to, &message.formatted()).await?,
            Transport::Smtp(server) => deliver(server.clone(), message),
        }
        Ok(())
    }
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

fn deliver(server: AsyncSmtpTransport<Tokio1Executor>, message: Message) {
    tokio::spawn(async move {
        if let Err(error) = server.send(message).await {
            tracing::error!(%error, "mail not sent");
        }
    });
}

/// Names sort by time. The file appears whole, so that a watcher never reads half a mail.
async fn write(folder: &std::path::Path, to: &str, mail: &[u8]) -> std::io::Result<()> {
    let recipient: String =
        to.chars().map(|c| if c.is_ascii_alphanumeric() || "@.-_".contains(c) { c } else { '_' }).collect();
    let name = format!("{}-{recipient}", Uuid::now_v7().simple());
    let draft = folder.join(format!("{name}.draft"));
    tokio::fs::write(&draft, mail).await?;
    tokio::fs::rename(draft, folder.join(format!("{name}.eml"))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_folder_gets_one_readable_file_each() {
        let folder = std::env::temp_dir().join(Uuid::new_v4().to_string());
        let settings = Mail { transport: MailTransport::Folder, folder: folder.clone(), ..Mail::default() };
        let mailer = Mailer::new(&settings).unwrap();
        mailer.send("ada@example.com", "First", "Your code is 0042.").await.unwrap();
        mailer.send("ada@example.com", "Second", "Again.").await.unwrap();
        let mut names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        assert_eq!(names.len(), 2);
        assert!(names[0].to_str().unwrap().ends_with("-ada@example.com.eml"));
        let first = std::fs::read_to_string(&names[0]).unwrap();
        assert!(first.contains("To: ada@example.com\r\n") && first.contains("Subject: First\r\n"), "{first}");
        assert!(first.contains("Your code is 0042."), "{first}");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn without_transport_only_the_address_is_checked() {
        let mailer = Mailer::new(&Mail::default()).unwrap();
        assert!(mailer.send("ada@example.com", "First", "Text").await.is_ok());
        assert!(matches!(mailer.send("nobody", "First", "Text").await, Err(MailError::Address(_))));
    }

    #[tokio::test]
    async fn nobody_smuggles_headers_in() {
        let mailer = Mailer::new(&Mail::default()).unwrap();
        assert!(mailer.send("ada@example.com\r\nBcc: eve@example.com", "First", "Text").await.is_err());
    }
}
