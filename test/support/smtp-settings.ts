/** A body that creates a connection to a mail server; its host resolves to nothing unless told otherwise. */
export function smtpConnection(password: string, settings: Readonly<Record<string, unknown>> = {}) {
  return {
    name: 'Relay',
    vendor: 'smtp',
    fromEmail: 'news@sender.example',
    fromName: 'News',
    settings: { host: 'mail.sender.example', username: 'relay', password, ...settings },
  };
}
