// A local mail server that prints the messages it receives and delivers nothing. Listens on PORT, 1025 by default.
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

const port = Number(process.env['PORT'] ?? 1025);
const mailbox = new SMTPServer({
  authOptional: true,
  allowInsecureAuth: true,
  disabledCommands: ['STARTTLS'],
  disableReverseLookup: true,
  onAuth: ({ username }, _session, done) => done(null, { user: username }),
  onData: (stream, { envelope }, done) => {
    simpleParser(stream, (error, mail) => {
      if (error === null) print(envelope, mail);
      done(error);
    });
  },
});

function print({ rcptTo }, { from, subject = '', text = '' }) {
  const to = rcptTo.map(({ address }) => address).join(', ');
  process.stdout.write(`\nFrom     ${from?.text ?? ''}\nTo       ${to}\nSubject  ${subject}\n\n${text}\n`);
}

mailbox.listen(port, '127.0.0.1', () => {
  process.stdout.write(`The mailbox listens on 127.0.0.1:${mailbox.server.address().port}\n`);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => mailbox.close());
