// What `npm run mutations` breaks, one replacement at a time. `find` occurs exactly once in the file.

const KIT = 'libs/adapter-kit/src/';

/** The specs of each file, tried one after the other until one fails. */
export const SPECS = {
  'http/vendor-api.ts': ['vendor-api', 'api-adapter'],
  'http/vendor-error.ts': ['vendor-api', 'status-error'],
  'http/form-body.ts': ['vendor-api'],
  'messages/check-message.ts': ['check-message', 'api-adapter'],
  'messages/wire-message.ts': ['check-message'],
  'diagnosis/diagnose-api.ts': ['diagnose-api'],
  'webhooks/reconcile-webhook.ts': ['reconcile-webhook'],
  'events/map-event.ts': ['map-event', 'feedback-kind'],
  'adapter/api-adapter.ts': ['api-adapter', 'check-message'],
  'sandbox/vendor-sandbox-server.ts': ['vendor-sandbox-server'],
};

const REPLACEMENTS = {
  'http/vendor-api.ts': [
    ['this.origin(settings)) + this.basePath;', 'this.origin(settings));', 'the base path is lost'],
    ["...(body === undefined ? {} : { 'content-type': type }),", '', 'the body has no media type'],
    ['...(signal === undefined ? {} : { signal }),', '', 'a call cannot be aborted'],
    [
      'throw this.responseError(response, settings, call.errors)',
      'throw this.responseError(response, settings)',
      'the error map of a call is ignored',
    ],
    ['scrub(response.text()).trim()', 'response.text().trim()', 'a reply discloses secrets'],
    ['...this.derivedSecrets(settings)]', ']', 'derived secrets are disclosed'],
  ],
  'http/vendor-error.ts': [
    [
      '![on].flat().includes(response.status)',
      '[on].flat().includes(response.status)',
      'a rule applies to all other statuses',
    ],
    ['[vendorCode].flat().includes(code)', 'code !== undefined', 'a rule applies to any vendor code'],
    ['pattern !== undefined && !pattern.test(words)', 'false', 'the words of a rule are ignored'],
    ['fault.field === field', 'fault.field !== field', 'a rule applies to other fields'],
    [
      "? 'sender' : 'message', fault: 'sender', hint, pointer",
      "? 'message' : 'sender', fault: 'sender', hint, pointer",
      'the sender and the message are mixed up',
    ],
    ['wait > maxMs ? undefined', 'wait < maxMs ? undefined', 'far resets are waited for'],
  ],
  'http/form-body.ts': [
    [".replaceAll('\"', '%22')", '', 'a quotation mark ends a name'],
    [".replaceAll('\\n', '%0A')", '', 'a line feed ends a header'],
    ['`--${boundary}--\\r\\n`', '`--${boundary}\\r\\n`', 'the form has no end'],
  ],
  'messages/check-message.ts': [
    ['  checkAscii(message, vendor);\n', '', 'addresses beyond ASCII are accepted'],
    ['(rules.size ?? jsonSize)(message)', '0', 'no message is too large'],
    ['if (bytes <= limit) return;', 'if (bytes < limit) return;', 'a message of exactly the limit is refused'],
    ['new Set(tags).size > max', 'false', 'any number of tags is accepted'],
    ['sendAt.getTime() - now <= schedule.maxMs', 'true', 'any time is accepted'],
  ],
  'messages/wire-message.ts': [
    ["texts === 'base64' ? [...bodies, ...files] : files", 'files', 'texts in base64 are not counted'],
    ['Math.ceil(characters / LINE) * 2', '0', 'line breaks are not counted'],
    ["value === '' || (isPlain", '(isPlain', 'empty texts are sent'],
  ],
  'diagnosis/diagnose-api.ts': [
    [
      'if (failure.details.status !== undefined) report.connected(baseUrl);',
      '',
      'a response does not count as a connection',
    ],
    ['if (isKeyKnown(failure.details)) report.authenticated();', '', 'a known key is not reported'],
    ['if (refused !== undefined) report.failed(refused.error);', '', 'a rejected recipient is a success'],
    [
      'if (await permissions(account, context)) context',
      'await permissions(account, context);\n    context',
      'an unproven permission is reported',
    ],
    ["isSetting && error.details.stage === 'message'", 'false', 'an invalid setting does not fail the check'],
  ],
  'webhooks/reconcile-webhook.ts': [
    ['all.filter((entry) => plan.isOurs(entry, call))', 'all.slice()', 'entries of others are ours'],
    ['if (!kept.has(entry)) await', 'await', 'kept entries are removed'],
    ['!taken.has(candidate) && isFor', 'isFor', 'one entry is taken twice'],
    ['  await plan.precheck?.(all, call);\n', '', 'nothing is checked before writing'],
    ['({ status }) => status === 404', '() => false', 'an entry that is gone cannot be removed'],
    ["drift.length === 0 ? { state: 'registered'", "true ? { state: 'registered'", 'drift is not reported'],
    ["{ ...error.details, stage: 'webhook' }", '{ ...error.details }', 'the stage stays message'],
  ],
  'events/map-event.ts': [
    [
      "if (name === undefined) return { ok: false, reason: 'The item names no event.', raw };\n",
      'if (name === undefined) throw new Error();\n',
      'one item fails the batch',
    ],
    ["map.kinds.get(name) ?? 'unknown'", "map.kinds.get(name) ?? 'failed'", 'an unlisted event is a failure'],
    ['urlKinds.has(kind)', 'true', 'all events have a URL'],
    ['map.ip, isEngagement(facts)', 'map.ip, true', 'addresses of servers are kept'],
    ['UNDELIVERED.has(kind) ? map.bounce', 'true ? map.bounce', 'a delivery has a bounce'],
    ['REPLIED.has(kind)', 'true', 'all events have a reply'],
    ['READ.has(kind) ? map.machine', 'true ? map.machine', 'any event is by a machine'],
    ["typeof tag === 'string' && tag !== ''", "typeof tag === 'string'", 'empty tags are kept'],
    ['isKept(name) ? scalarText(value) : undefined', 'scalarText(value)', 'reserved names are metadata'],
    ['isJsonObject(value) ? value : {};', 'value as JsonItem;', 'a member of another type is returned'],
    ['occurredAt !== undefined || messageId', 'messageId', 'an event with only a time is rejected'],
  ],
  'adapter/api-adapter.ts': [
    ['    checkMessage(message, rules, settings);\n', '', 'messages are not checked'],
    ['...options, signal }', '...options }', 'the test message cannot be aborted'],
    [
      'parts.webhooks.authentication, parts.events',
      'parts.webhooks.authentication',
      'the capabilities lack the events',
    ],
    ["filter((kind) => kind !== 'unknown')", 'slice()', 'the capabilities include unknown'],
    ['scheduling: rules.schedule !== undefined', 'scheduling: true', 'all vendors can schedule'],
  ],
  'sandbox/vendor-sandbox-server.ts': [
    [
      'if (rule === undefined) return this.unknownKey;',
      'if (rule === undefined) return this.respond(request);',
      'any key works',
    ],
    ['return refusal ?? this.respond(request);', 'return this.respond(request);', 'failing keys work'],
    ['if (index >= 0) this.webhooks.splice(index, 1);', '', 'webhooks are not removed'],
    ['else this.webhooks[index] = webhook;', 'else this.webhooks.push(webhook);', 'webhooks are not replaced'],
    ['    this.mails.push(mail);\n', '', 'messages are not kept'],
  ],
};

/** @type {readonly { file: string, specs: readonly string[], find: string, replace: string, why: string }[]} */
export const MUTATIONS = Object.entries(REPLACEMENTS).flatMap(([file, replacements]) =>
  replacements.map(([find, replace, why]) => ({ file: KIT + file, specs: SPECS[file], find, replace, why })),
);
