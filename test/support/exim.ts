import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestCertificate } from './certificates.ts';
import { freePort } from './free-port.ts';
import { greets, LeashedProcess } from './leashed-process.ts';
import {
  ACCOUNT,
  MAX_BYTES,
  mailServerFolder,
  mailServerPackages,
  type RealMailServer,
  REFUSED_HELO,
  SENDERS,
} from './mail-server-package.ts';

const OWNER = 'uucp';

/** Exim, which verifies senders at RCPT TO. */
export async function startExim(certificate: TestCertificate): Promise<RealMailServer> {
  const packages = mailServerPackages();
  const folder = mailServerFolder('exim');
  const [port, implicitTlsPort, plainPort] = [await freePort(), await freePort(), await freePort()];
  for (const name of ['spool', 'log']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'key.pem'), certificate.key);
  writeFileSync(join(folder, 'cert.pem'), certificate.cert);
  writeFileSync(join(folder, 'exim.conf'), configuration(folder, port, implicitTlsPort, plainPort));
  // Debian's Exim looks up a user that its installation would have made.
  writeFileSync(join(folder, 'passwd'), `${readFileSync('/etc/passwd', 'utf8')}Debian-exim:x:10:10::/:/bin/false\n`);
  writeFileSync(join(folder, 'group'), `${readFileSync('/etc/group', 'utf8')}Debian-exim:x:10:\n`);
  execFileSync('chown', ['-R', OWNER, 'spool', 'log', 'key.pem'], { cwd: folder });

  const exim = LeashedProcess.start(
    join(packages, 'usr/sbin/exim4'),
    ['-C', join(folder, 'exim.conf'), '-bdf', '-oP', join(folder, 'pid')],
    {
      LD_PRELOAD: nssWrapper(packages),
      NSS_WRAPPER_PASSWD: join(folder, 'passwd'),
      NSS_WRAPPER_GROUP: join(folder, 'group'),
    },
  );
  await exim.until(async () => (await greets(port)) && (await greets(plainPort)));
  return {
    port,
    implicitTlsPort,
    plainPort,
    stop: async () => {
      await exim.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function nssWrapper(packages: string): string {
  const libraries = join(packages, 'usr/lib');
  const architecture = readdirSync(libraries).find((name) => name.endsWith('-linux-gnu')) ?? '';
  return join(libraries, architecture, 'libnss_wrapper.so');
}

function configuration(folder: string, port: number, implicitTlsPort: number, plainPort: number): string {
  const isPlainPort = `eq{$received_port}{${String(plainPort)}}`;
  return `
exim_user = ${OWNER}
exim_group = ${OWNER}
primary_hostname = mx.example
spool_directory = ${folder}/spool
log_file_path = ${folder}/log/%slog
keep_environment =
host_lookup =
rfc1413_query_timeout = 0s
disable_ipv6 = true
queue_only = true
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${[port, implicitTlsPort, plainPort].join(' : ')}
tls_on_connect_ports = ${String(implicitTlsPort)}
tls_advertise_hosts = *
tls_certificate = ${folder}/cert.pem
tls_privatekey = ${folder}/key.pem
smtputf8_advertise_hosts = \${if ${isPlainPort}{}{*}}
message_size_limit = \${if ${isPlainPort}{0}{${String(MAX_BYTES)}}}
acl_smtp_helo = helo
acl_smtp_rcpt = recipient
acl_smtp_data = data
domainlist own = recipient.example
begin acl
helo:
  deny condition = \${if eq{$sender_helo_name}{${REFUSED_HELO}}}
       message = HELO name refused
  accept
recipient:
  deny senders = ${SENDERS.notOwned}
       message = 5.7.1 Sender address is not allowed for this account
  require verify = sender
  accept authenticated = *
         domains = !+own
  require message = relay not permitted
          domains = +own
  require verify = recipient
  accept
data:
  deny condition = \${if >{$message_size}{${String(MAX_BYTES)}}}
       message = Message size exceeds maximum permitted
       log_message = too large
  accept
begin routers
senders:
  driver = redirect
  domains = sender.example
  data = :blackhole:
recipients:
  driver = redirect
  domains = +own
  local_parts = ada : jürgen
  data = :blackhole:
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{${ACCOUNT.username}}}{eq{$auth3}{${ACCOUNT.password}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = \${if and{{eq{$auth1}{${ACCOUNT.username}}}{eq{$auth2}{${ACCOUNT.password}}}}}
  server_set_id = $auth1
`;
}
