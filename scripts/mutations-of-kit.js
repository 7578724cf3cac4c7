// What `npm run mutations` breaks, one replacement at a time. Each text to replace occurs exactly once in libs/adapter-kit/src,
// in any of its files.

/**
 * By the part of the kit: its specs in libs/adapter-kit/test, and the replacements.
 * @type {Readonly<Record<string, {
 *   readonly specs: readonly string[],
 *   readonly replacements: readonly (readonly [find: string, replace: string, why: string])[],
 * }>>}
 */
export const PARTS = {
  VendorApi: {
    specs: ['vendor-api', 'api-adapter'],
    replacements: [
      ['this.origin(settings)) + this.basePath;', 'this.origin(settings));', 'the base path is lost'],
      ["[vendor, url.replace(/\\/+$/, '')]", '[vendor, url]', 'the slash at the end of a base URL is kept'],
      ["...(body === undefined ? {} : { 'content-type': type }),", '', 'the body has no media type'],
      [
        '...(signal === undefined ? {} : { signal }),\n      ...(timeoutMs',
        '...(timeoutMs',
        'a call cannot be aborted',
      ],
      ['...(timeoutMs === undefined ? {} : { timeoutMs }),\n    });', '});', 'the time limit of a call is ignored'],
      ['!this.isSuccess(response)', '!response.ok', 'a failure with status 200 is a success'],
      ['isJsonObject(body) ? find(body) : undefined', 'find(body as JsonItem)', 'any response is an object'],
      [
        'throw this.responseError(response, settings, call.errors)',
        'throw this.responseError(response, settings)',
        'the error map of a call is ignored',
      ],
      ['scrub(response.text()).trim()', 'response.text().trim()', 'a reply discloses secrets'],
      [
        'scrub(this.faultsIn(response.jsonOrUndefined(), response)).map(',
        'this.faultsIn(response.jsonOrUndefined(), response).map(',
        'a fault discloses secrets',
      ],
      ['...this.derivedSecrets(settings)]', ']', 'derived secrets are disclosed'],
      [
        'this.retryAfterMs(response, words) ?? standard',
        'standard ?? this.retryAfterMs(response, words)',
        'Retry-After wins over the vendor’s own time',
      ],
    ],
  },
  ErrorMap: {
    specs: ['vendor-api', 'status-error'],
    replacements: [
      [
        '![on].flat().includes(response.status)',
        '[on].flat().includes(response.status)',
        'a rule applies to all other statuses',
      ],
      ['[vendorCode].flat().includes(code)', 'code !== undefined', 'a rule applies to any vendor code'],
      ['pattern !== undefined && !pattern.test(words)', 'false', 'the words of a rule are ignored'],
      ['fault.field === field', 'fault.field !== field', 'a rule applies to other fields'],
      ['if (derived !== undefined) return', 'return', 'a rule applies although its function returns nothing'],
      ['{ ...error, ...derived }', '{ ...error }', 'what a rule derives is lost'],
      [
        "? 'sender' : 'message', fault: 'sender', hint, pointer",
        "? 'message' : 'sender', fault: 'sender', hint, pointer",
        'the sender and the message are mixed up',
      ],
      ["field?.replace(/\\[(\\d+)\\]/g, '.$1') ?? message", 'field ?? message', 'positions in brackets are not found'],
      ["isMap && rest.length > 0 ? [rest.join('.')] : rest", 'rest', 'the name of a header is split at its dots'],
      ['wait > maxMs ? undefined', 'wait < maxMs ? undefined', 'far resets are waited for'],
      ['Number.isNaN(theirs) ? now : theirs', 'now', 'a reset is relative to the local clock'],
      ['Number(text) * 1000', 'Number(text)', 'Retry-After is in milliseconds'],
    ],
  },
  FormBody: {
    specs: ['vendor-api'],
    replacements: [
      [".replaceAll('\"', '%22')", '', 'a quotation mark ends a name'],
      [".replaceAll('\\n', '%0A')", '', 'a line feed ends a header'],
      ['`--${boundary}--\\r\\n`', '`--${boundary}\\r\\n`', 'the form has no end'],
      ["content, Buffer.from('\\r\\n'));", 'content);', 'a part does not end with a line break'],
      [
        "new FormBody('application/x-www-form-urlencoded'",
        "new FormBody('application/json'",
        'a form is declared as JSON',
      ],
    ],
  },
  checkMessage: {
    specs: ['check-message', 'api-adapter'],
    replacements: [
      ['  checkAscii(message, vendor);\n', '', 'addresses beyond ASCII are accepted'],
      ['reservedHeaders?.test(name) === true', 'false', 'headers of the vendor are accepted'],
      ['(rules.size ?? jsonSize)(message)', '0', 'no message is too large'],
      ['if (bytes > limit)\n', 'if (bytes >= limit)\n', 'a message of exactly the limit is rejected'],
      ["texts === 'base64' ? [...bodies, ...files] : files", 'files', 'texts in base64 are not counted'],
      ['Math.ceil(characters / LINE) * 2', '0', 'line breaks are not counted'],
      ["filter((kind) => kind !== 'unknown')", 'slice()', 'the capabilities include unknown'],
      ['scheduling: rules.schedule !== undefined', 'scheduling: true', 'all vendors can schedule'],
      ['new Set(tags).size > max', 'false', 'any number of tags is accepted'],
      ['new Set(tags).size > max', 'tags.length > max', 'a repeated tag counts twice'],
      ['rules.isReserved?.(key) === true', 'false', 'reserved names of metadata are accepted'],
      [
        'sendAt.getTime() - now <= schedule.maxMs',
        'sendAt.getTime() - now <= 2 * schedule.maxMs',
        'times beyond the limit are accepted',
      ],
      [
        '!emptyAttachments && content.byteLength === 0',
        'content.byteLength === 0',
        'empty attachments are rejected everywhere',
      ],
      ['  rules.more?.(message, settings, now);\n', '', 'the vendor’s own checks do not run'],
      ["value === '' || (isPlain", '(isPlain', 'empty texts are sent'],
    ],
  },
  diagnoseApi: {
    specs: ['diagnose-api'],
    replacements: [
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
      [
        "report.stage('sender', skipped === undefined ? 'passed' : 'skipped', skipped);",
        "report.stage('sender', 'passed', skipped);",
        'a skipped check of the sender passes',
      ],
      [
        'if (probe.from !== undefined && steps.sender !== undefined) {\n      const skipped = await steps.sender(probe.from,',
        "if (steps.sender !== undefined) {\n      const skipped = await steps.sender(probe.from ?? { email: '' },",
        'a missing sender is checked',
      ],
      [
        'if (probe.to !== undefined && probe.to.length > 0) {\n      const sent',
        'if (probe.to !== undefined) {\n      const sent',
        'a test without recipients sends',
      ],
    ],
  },
  reconcileWebhook: {
    specs: ['reconcile-webhook'],
    replacements: [
      ['all.filter((entry) => plan.isOurs(entry, call))', 'all.slice()', 'entries of others are ours'],
      ['rank(a, call) - rank(b, call)', 'rank(b, call) - rank(a, call)', 'the worst entry is kept'],
      ['if (!kept.has(entry)) await', 'await', 'kept entries are removed'],
      ['!taken.has(candidate) && isFor', 'isFor', 'one entry is taken twice'],
      ['  await plan.precheck?.(all, call);\n', '', 'nothing is checked before writing'],
      ['if (removesFirst) await removeOthers();', '', 'no room is made for an entry'],
      ['plan.current?.(entry, desired, call) ?? plan', 'plan', 'a current entry is written'],
      ['({ status }) => status === 404', '() => false', 'an entry that is gone cannot be removed'],
      ['|| !isGone(error.details)', '', 'a failure to remove is ignored'],
      ["drift.length === 0 ? { state: 'registered'", "true ? { state: 'registered'", 'drift is not reported'],
      [
        'scrub(await plan.driftOf([first, ...more], all, call))',
        'await plan.driftOf([first, ...more], all, call)',
        'a drift discloses secrets',
      ],
      ['(await plan.explain?.(error, call)) ?? error', 'error', 'a failure is not explained'],
      ["{ ...error.details, stage: 'webhook' }", '{ ...error.details }', 'the stage stays message'],
    ],
  },
  mapEvent: {
    specs: ['map-event', 'feedback-kind'],
    replacements: [
      [
        "if (name === undefined) return { ok: false, reason: 'The item names no event.', raw };\n",
        'if (name === undefined) throw new Error();\n',
        'one item fails the batch',
      ],
      ["map.kinds.get(name) ?? 'unknown'", "map.kinds.get(name) ?? 'failed'", 'an unlisted event is a failure'],
      ['map.kind?.(item, { name, kind: listed }) ?? listed', 'listed', 'the kind is not corrected'],
      ['urlKinds.has(kind)', 'true', 'all events have a URL'],
      ["if (isEngagement(facts)) set('ip'", "set('ip'", 'addresses of servers are kept'],
      ["if (UNDELIVERED.has(kind)) set('bounce'", "set('bounce'", 'a delivery has a bounce'],
      ['REPLIED.has(kind)', 'true', 'all events have a reply'],
      ["if (READ.has(kind)) set('machine'", "set('machine'", 'any event is by a machine'],
      ["typeof tag === 'string' && tag !== ''", "typeof tag === 'string'", 'empty tags are kept'],
      [
        'isKept(name) ? scalarText(object[name]) : undefined',
        'scalarText(object[name])',
        'reserved names are metadata',
      ],
      ['isJsonObject(value) ? value : {};', 'value as JsonItem;', 'a member of another type is returned'],
      ['isTest ? { ...event, test: true } : event', 'event', 'a test is not marked'],
      ['occurredAt !== undefined || messageId', 'messageId', 'an event with only a time is rejected'],
      ["['not-spam', 'unknown']", "['not-spam', 'complained']", 'mail that is not spam is a complaint'],
    ],
  },
  ApiAdapter: {
    specs: ['api-adapter'],
    replacements: [
      ['    checkMessage(message, rules, settings);\n', '', 'messages are not checked'],
      ['...options, signal }', '...options }', 'the test message has no time limit'],
      [
        'return send(this.api, settings, message, options);',
        'return send(this.api, settings, message, {});',
        'the options of a message are lost',
      ],
      [
        'parts.webhooks.authentication, parts.events',
        'parts.webhooks.authentication',
        'the capabilities lack the events',
      ],
    ],
  },
  VendorSandboxServer: {
    specs: ['vendor-sandbox-server'],
    replacements: [
      [
        "if (rule === undefined) return typeof this.unknownKey === 'function' ? this.unknownKey(request) : this.unknownKey;",
        'if (rule === undefined) return this.respond(request);',
        'any key works',
      ],
      ['Object.hasOwn(this.keys, key) ? this.keys[key] : undefined', 'this.keys[key]', 'inherited names are keys'],
      ['return refusal ?? this.respond(request);', 'return this.respond(request);', 'failing keys work'],
      ['isVerifiedSender(this.options.verifiedSenders, sender)', 'true', 'all senders are verified'],
      ['address.endsWith(own)', 'false', 'a verified domain has no addresses'],
      ['    this.mails.push(mail);\n', '', 'messages are not kept'],
      ['stepsOf(recipients).map(', 'stepsOf(mail.recipients).map(', 'events are posted for all recipients'],
      [
        'return event === undefined ? [] : [{ recipient, event, step }];',
        'return event === undefined ? [] : [{ recipient, event, step: 0 }];',
        'all events are the first',
      ],
      ['if (index >= 0) this.webhooks.splice(index, 1);', '', 'webhooks are not removed'],
      ['return index >= 0;', 'return true;', 'a webhook that does not exist is removed'],
      ['else this.webhooks[index] = webhook;', 'else this.webhooks.push(webhook);', 'webhooks are not replaced'],
      ["if (!/^application\\/json\\b/i.test(headers['content-type'] ?? '')) return undefined;", '', 'any body is JSON'],
    ],
  },
  'shared secrets': {
    specs: ['shared-secret'],
    replacements: [
      ["expected !== '' && timingSafeEqual", 'timingSafeEqual', 'a connection without a secret accepts an empty one'],
      [
        'timingSafeEqual(sha256(given), sha256(expected))',
        'timingSafeEqual(sha256(given.toLowerCase()), sha256(expected.toLowerCase()))',
        'the case is ignored',
      ],
      ["if (value === '') return 'missing';\n  return", 'return', 'a missing secret is invalid'],
      [
        "value !== undefined && sameSecret(value, expected) ? 'verified' : 'invalid'",
        "value === undefined || sameSecret(value, expected) ? 'verified' : 'invalid'",
        'a secret that occurs twice is verified',
      ],
      ['value.length > 1 ? undefined : ', '', 'the first of two values counts'],
    ],
  },
  Basic: {
    specs: ['shared-secret'],
    replacements: [
      ['matches.every(Boolean)', 'matches.some(Boolean)', 'the user or the password is enough'],
      ['sameSecret(text.slice(0, colon), username), ', '', 'any user is accepted'],
      ["text.indexOf(':')", "text.lastIndexOf(':')", 'a password cannot contain a colon'],
      ["|| bytes.toString('base64') !== encoded", '', 'any spelling of base64 is accepted'],
      ['/^Basic +(\\S+)$/i', '/^Basic +(\\S+)$/', 'the scheme is case-sensitive'],
      ['/^Basic +(\\S+)$/i', '/^(?:\\w+ +)?(\\S+)$/i', 'any scheme is accepted'],
    ],
  },
};
