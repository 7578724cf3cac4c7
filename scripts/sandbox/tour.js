/**
 * What a person is told: where everything is, and commands to copy, which as a whole are a shell script.
 *
 * @param connections as `connectAll` resolved to
 */
export function tour({ url, key }, connections, viewerUrl, sender) {
  const tracked = connections.filter(({ hasWebhook }) => hasWebhook);
  const relays = connections.filter(({ hasWebhook }) => !hasWebhook);
  const [first] = [...tracked, ...relays];
  return `
  score-connections is running, in front of sandboxes of all vendors.

  Console           ${url}
  API description   ${url}/api/docs
  Your API key      ${key}

${connections.map((connection) => `  ${introduced(connection, viewerUrl)}\n`).join('')}
  Copy what follows into another terminal, line by line or as a whole.
  Ctrl-C in this one ends everything and leaves nothing behind.

export API=${url}/api/v1
export KEY=${key}
call() { curl -sw '\\n' -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' "$@"; }
${connections.map((connection) => `${variable(connection)}=${connection.id}\n`).join('')}
${[...tracked.slice(0, 1).flatMap(clicks), ...scenarios(tracked), ...relays.flatMap((relay) => refusals(relay, viewerUrl)), ...failures(first, sender)].join('\n')}
# That is all.
`;
}

function introduced({ name, vendor, hasWebhook }, viewerUrl) {
  const webhook = hasWebhook ? 'its webhook is registered' : 'it has no webhooks';
  return `${name.padEnd(24)}${webhook}; what it took is at ${viewerUrl}/${vendor}/mails`;
}

function clicks(connection) {
  const path = `$API/connections/$${variable(connection)}`;
  return [
    section(
      `${connection.name}: the reader clicks. What becomes of a mail, its address decides in all sandboxes alike`,
      `call ${path}/messages -d '${message('click')}'`,
    ),
    section(
      'The vendor posts it to the webhook a moment later',
      `until call "${path}/events?recipient=click@recipient.example" | grep '"kind":"clicked"'; do sleep 1; done`,
    ),
  ];
}

function scenarios(tracked) {
  if (tracked.length === 0) return [];
  const everywhere = (...commands) => {
    const variables = tracked.map((connection) => `$${variable(connection)}`).join(' ');
    return [`for ID in ${variables}; do`, ...commands.map((command) => `  ${command}`), 'done'].join('\n');
  };
  const query = 'kind=delivered&recipient=slow@recipient.example';
  return [
    section(
      'At every vendor: an address that is dead, one that refuses the sender, one that complains, and a slow server',
      everywhere(`call $API/connections/$ID/messages -d '${message('bounce', 'block', 'complaint', 'slow')}'`),
    ),
    section(
      'What the vendors told of them comes out alike. The slow server takes its mail at the fourth attempt',
      everywhere(
        `until call "$API/connections/$ID/events?${query}" | grep -q slow@; do sleep 1; done`,
        'call $API/connections/$ID/stats',
      ),
    ),
    section('What is set up at the vendors', everywhere('call $API/connections/$ID/webhook/registration')),
  ];
}

function refusals(connection, viewerUrl) {
  return [
    section(
      `${connection.name}: a relay has no webhooks, and refuses at once`,
      `call $API/connections/$${variable(connection)}/messages -d '${message('ada', 'bounce', 'slow')}'`,
    ),
    section('The mails that it took', `curl -sw '\\n' ${viewerUrl}/${connection.vendor}/mails`),
  ];
}

/** Tests of settings that are not stored. */
function failures({ name, vendor, sandbox }, sender) {
  const tested = (changes, fromEmail = sender) => {
    const settings = { ...sandbox.settings, ...changes };
    const to = ['ada@recipient.example'];
    return `call $API/connections/test -d '${JSON.stringify({ vendor, fromEmail, settings, to })}'`;
  };
  const { authentication_failed: wrongKey, quota_exceeded: usedUp } = sandbox.failures;
  return [
    section(
      `${name} with a wrong key: the test says where it failed, whose fault it is and what to do`,
      tested(wrongKey),
    ),
    section('With an account that has used up its allowance', tested(usedUp)),
    section('With a sender that is not verified', tested({}, 'news@elsewhere.example')),
  ];
}

function section(comment, commands) {
  return `# ${comment}\n${commands}\n`;
}

function message(...names) {
  const to = names.map((name) => ({ email: `${name}@recipient.example` }));
  return JSON.stringify({ to, subject: 'Hello', text: 'Hello', html: '<p>Hello</p>' });
}

/** The shell's name of a connection. */
function variable({ vendor }) {
  return vendor.toUpperCase();
}
