/**
 * The printed text: all URLs, and commands to copy, which together are a shell script.
 *
 * @param connections the result of `connectAll`
 */
export function tour({ url, key }, connections, viewerUrl, sender) {
  const tracked = connections.filter(({ hasWebhook }) => hasWebhook);
  const relays = connections.filter(({ hasWebhook }) => !hasWebhook);
  const [first] = [...tracked, ...relays];
  return `
  score-connections is running, with a sandbox of each vendor.

  Console    ${url}
  API docs   ${url}/api/docs
  API key    ${key}

${connections.map((connection) => `  ${introduced(connection, viewerUrl)}\n`).join('')}
  Copy the following commands into another terminal, line by line or all together.
  Ctrl-C in this terminal stops everything and deletes all data.

export API=${url}/api/v1
export KEY=${key}
call() { curl -sw '\\n' -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' "$@"; }
${connections.map((connection) => `${variable(connection)}=${connection.id}\n`).join('')}
${[...tracked.slice(0, 1).flatMap(clicks), ...scenarios(tracked), ...relays.flatMap((relay) => refusals(relay, viewerUrl)), ...failures(first, sender)].join('\n')}
# Done.
`;
}

function introduced({ name, vendor, hasWebhook }, viewerUrl) {
  const webhook = hasWebhook ? 'webhook registered' : 'no webhooks';
  return `${name.padEnd(24)}${webhook}; accepted messages: ${viewerUrl}/${vendor}/mails`;
}

function clicks(connection) {
  const path = `$API/connections/$${variable(connection)}`;
  return [
    section(
      `${connection.name}: the recipient clicks. In every sandbox, the recipient address selects the scenario`,
      `call ${path}/messages -d '${message('click')}'`,
    ),
    section(
      'A moment later, the vendor sends the event to the webhook',
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
      'At every vendor: an unknown address, a blocked sender, a complaint, and a slow mail server',
      everywhere(`call $API/connections/$ID/messages -d '${message('bounce', 'block', 'complaint', 'slow')}'`),
    ),
    section(
      'All vendors’ events have the same form. The slow server accepts the message at the fourth attempt',
      everywhere(
        `until call "$API/connections/$ID/events?${query}" | grep -q slow@; do sleep 1; done`,
        'call $API/connections/$ID/stats',
      ),
    ),
    section(
      'The webhooks that are registered at the vendors',
      everywhere('call $API/connections/$ID/webhook/registration'),
    ),
  ];
}

function refusals(connection, viewerUrl) {
  return [
    section(
      `${connection.name}: a relay has no webhooks, and rejects recipients immediately`,
      `call $API/connections/$${variable(connection)}/messages -d '${message('ada', 'bounce', 'slow')}'`,
    ),
    section('The messages that it accepted', `curl -sw '\\n' ${viewerUrl}/${connection.vendor}/mails`),
  ];
}

/** Tests of unsaved settings. */
function failures({ name, vendor, sandbox }, sender) {
  const tested = (changes, fromEmail = sender) => {
    const settings = { ...sandbox.settings, ...changes };
    const to = ['ada@recipient.example'];
    return `call $API/connections/test -d '${JSON.stringify({ vendor, fromEmail, settings, to })}'`;
  };
  const { authentication_failed: wrongKey, quota_exceeded: usedUp } = sandbox.failures;
  return [
    section(`${name} with a wrong key: the test returns the failed stage, the cause and what to do`, tested(wrongKey)),
    section('With an account that has exceeded its quota', tested(usedUp)),
    section('With an unverified sender', tested({}, 'news@elsewhere.example')),
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
