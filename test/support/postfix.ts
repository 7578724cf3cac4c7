import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
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
  RECIPIENTS,
  REFUSED_HELO,
  SENDERS,
} from './mail-server-package.ts';

// Postfix wants a user and a group that belong to it. These are on every Debian, and nothing else runs as them.
const OWNER = 'uucp';
const GROUP = 'news';

/** Postfix with Dovecot's SASL: rejects senders at RCPT TO, which is its default. */
export async function startPostfix(certificate: TestCertificate): Promise<RealMailServer> {
  const packages = mailServerPackages();
  const folder = mailServerFolder('postfix');
  const [port, implicitTlsPort, plainPort] = [await freePort(), await freePort(), await freePort()];
  makeFolders(folder);
  writeFileSync(join(folder, 'key.pem'), certificate.key);
  writeFileSync(join(folder, 'cert.pem'), certificate.cert);
  writeFileSync(join(folder, 'etc/main.cf'), mainConfiguration(packages, folder));
  writeFileSync(join(folder, 'etc/master.cf'), masterConfiguration(port, implicitTlsPort, plainPort));
  writeFileSync(join(folder, 'dovecot.conf'), dovecotConfiguration(packages, folder));
  writeFileSync(join(folder, 'users'), `${ACCOUNT.username}:{PLAIN}${ACCOUNT.password}\n`);

  const libraries = ['dovecot', 'dovecot/modules/old-stats', 'postfix'].map((name) => join(packages, 'usr/lib', name));
  const environment = { LD_LIBRARY_PATH: libraries.join(':') };
  const configuration = join(folder, 'dovecot.conf');
  // What `dovecot` does first, by a path that is compiled in.
  const dovecot = LeashedProcess.start(
    join(packages, 'usr/bin/doveconf'),
    ['-f', 'service=master', '-c', configuration, '-m', 'master', '-e'].concat(
      join(packages, 'usr/sbin/dovecot'),
      '-F',
      '-c',
      configuration,
    ),
    environment,
  );
  const postfix = LeashedProcess.start(
    join(packages, 'usr/lib/postfix/sbin/master'),
    ['-c', join(folder, 'etc'), '-s'],
    environment,
  );
  await postfix.until(async () => (await greets(port)) && (await greets(plainPort)));
  return {
    port,
    implicitTlsPort,
    plainPort,
    stop: async () => {
      await Promise.all([postfix.stop(), dovecot.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function makeFolders(folder: string): void {
  const open = ['pid'];
  const owned = [
    'active',
    'bounce',
    'corrupt',
    'defer',
    'deferred',
    'flush',
    'hold',
    'incoming',
    'private',
    'saved',
    'trace',
  ];
  for (const name of [
    'etc',
    'data',
    'dovecot',
    ...[...open, ...owned, 'maildrop', 'public'].map((name) => `spool/${name}`),
  ]) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  const run = (...command: [string, ...string[]]): void => {
    execFileSync(command[0], command.slice(1), { cwd: folder });
  };
  run('chown', OWNER, 'data', ...[...owned, 'maildrop', 'public'].map((name) => `spool/${name}`));
  run('chgrp', GROUP, 'spool/maildrop', 'spool/public');
  run('chmod', '700', ...owned.map((name) => `spool/${name}`));
  run('chmod', '730', 'spool/maildrop');
  run('chmod', '710', 'spool/public');
}

function mainConfiguration(packages: string, folder: string): string {
  return `
compatibility_level = 3.6
queue_directory = ${folder}/spool
data_directory = ${folder}/data
command_directory = ${packages}/usr/sbin
daemon_directory = ${packages}/usr/lib/postfix/sbin
shlib_directory = ${packages}/usr/lib/postfix
meta_directory = ${folder}/etc
import_environment = MAIL_CONFIG MAIL_LOGTAG TZ LANG=C LD_LIBRARY_PATH
maillog_file = ${folder}/log
maillog_file_prefixes = ${folder}
mail_owner = ${OWNER}
setgid_group = ${GROUP}
myhostname = mx.example
mydestination =
mynetworks = 192.0.2.0/24
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
smtpd_peername_lookup = no
alias_maps =
local_transport = discard
virtual_transport = discard
relay_transport = discard
default_transport = discard
virtual_mailbox_domains = recipient.example
virtual_mailbox_maps = inline:{ ${RECIPIENTS.known}=OK, ${RECIPIENTS.international}=OK }
message_size_limit = ${String(MAX_BYTES)}
smtpd_error_sleep_time = 0
smtpd_client_connection_rate_limit = 0
smtpd_delay_reject = yes
smtpd_helo_required = yes
smtpd_helo_restrictions = check_helo_access inline:{ { ${REFUSED_HELO} = 550 5.7.1 Host not found } }
smtpd_sender_restrictions =
  check_sender_access inline:{ { unknown.example = 550 5.1.8 Domain not found }, { ${SENDERS.notOwned} = 553 5.7.1 not owned by user ${ACCOUNT.username} } }
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_tls_cert_file = ${folder}/cert.pem
smtpd_tls_key_file = ${folder}/key.pem
smtpd_tls_security_level = may
`;
}

function masterConfiguration(port: number, implicitTlsPort: number, plainPort: number): string {
  return `
127.0.0.1:${String(port)} inet n - n - - smtpd
127.0.0.1:${String(implicitTlsPort)} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
127.0.0.1:${String(plainPort)} inet n - n - - smtpd
  -o smtpd_discard_ehlo_keywords=size,smtputf8
  -o smtputf8_enable=no
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 discard
defer unix - - n - 0 discard
trace unix - - n - 0 discard
proxymap unix - - n - - proxymap
discard unix - - n - - discard
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`;
}

/** Its login alone. */
function dovecotConfiguration(packages: string, folder: string): string {
  return `
base_dir = ${folder}/dovecot
libexec_dir = ${packages}/usr/lib/dovecot
log_path = /dev/stderr
import_environment = LD_LIBRARY_PATH
protocols =
ssl = no
default_internal_user = ${OWNER}
default_internal_group = ${OWNER}
default_login_user = nobody
auth_mechanisms = plain login
disable_plaintext_auth = no
auth_failure_delay = 0
# Otherwise each wrong password makes the next answer slower.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
passdb {
  driver = passwd-file
  args = scheme=PLAIN ${folder}/users
}
service auth {
  user = root
  unix_listener ${folder}/spool/private/auth {
    mode = 0666
  }
}
`;
}
