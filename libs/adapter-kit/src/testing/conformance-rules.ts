/** What the suite asks of an adapter. The ids are stable. */
export const CONFORMANCE_RULES = {
  'declares-itself': 'It says who it is and what it can, and has what it says.',

  'fields-closed': 'Its settings are the declared fields and nothing else.',
  'required-fields-named': 'A missing field that is needed is named; what may be left out is not needed.',
  'hidden-fields-refused': 'A field that does not apply is refused, and each applies at some time.',
  'secrets-declared': 'What proves the account to the vendor is declared as a secret, and no preset holds one.',
  'secrets-bound': 'What decides where secrets are sent is declared with `bindsSecret`.',

  sends: 'A message is handed over as it is, and the result tells what became of whom.',
  'capabilities-kept': 'What it says it can do, it does.',
  'unsupported-refused': 'What it says it cannot do is an `unsupported` error that names the member, never dropped.',
  'recipient-limit': 'It takes as many recipients as it says, and refuses more before anything is sent.',
  'size-limit': 'It refuses a message that is larger than it says before anything is sent.',
  'abort-obeyed': 'A call ends when its signal says so, as an AdapterError.',
  'hostile-values': 'No value of a message or of the settings breaks out of its header or its part of a URL.',
  'message-forms': 'Headers, addresses, attachments and metadata follow the one policy for all vendors.',

  'error-statuses': 'Each error status has its code, a hint, and is retryable where it should be.',
  'odd-answers': 'An answer that is not the vendor’s, or none, is an AdapterError, and a redirect is not followed.',
  'failures-named': 'Each failure of the sandbox has the code that it is listed under.',
  'no-secret-told': 'No error and no diagnosis holds a secret, whatever the vendor says.',

  'diagnosis-answers': 'A diagnosis never rejects, and a failure is part of it.',
  'diagnosis-silent': 'A diagnosis sends nothing, unless the probe names somebody.',
  'diagnosis-consistent': 'Stages, checks and outcome of a diagnosis agree.',

  'fixtures-read': 'Each fixture is read as its expectation says.',
  'raw-kept': 'Each item is kept unchanged, with every digit of its numbers.',
  'event-kinds-shown': 'There is a fixture for each kind of event that it reports, and it reports no other.',
  'unknown-kinds-survive': 'A kind of event that nobody knows is an `unknown` event with its raw form.',
  'garbage-isolated': 'Garbage in a batch costs only itself.',
  'empty-is-nothing': 'A body that holds nothing is no event.',
  'parse-throws-malformed-alone': 'Reading throws MalformedWebhookError and nothing else.',
  'parse-pure': 'Reading depends on what came and on nothing else, and changes nothing.',
  'parse-reads-declared': 'Beside the body, only the content type and the declared parameters are read.',
  'nothing-invented': 'No recipient, message id or URL is told that was not in the item.',
  'time-optional': 'An event that names its message or recipient is kept without a usable time.',
  'deduplication-keys-differ':
    'Different events have different deduplication keys, those of one message and second too.',
  'deduplication-keys-repeat': 'The same event has the same deduplication key when it comes again.',

  'authentication-verifies': 'What the vendor posts is verified.',
  'authentication-covers-body': 'A signed body that was altered is refused.',
  'authentication-covers-values': 'A proof that was altered is refused.',
  'authentication-required': 'A request without a proof is refused.',
  'authentication-once': 'A proof that came twice is refused.',
  'authentication-by-own-key': 'A proof by another key is refused.',
  'authentication-needs-a-key': 'Without a key, nothing is verified and the verdict says so.',
  'authentication-before-body':
    'Requests that the head can authenticate or refuse are decided before the body is read.',
  'authentication-never-throws': 'Whatever comes has a verdict.',

  setupInstructions:
    'The setupInstructions has steps that a person can follow, with the address and no secret of the account.',
  'message-ids-match': 'The events of a message carry the id that `send` returned.',
  'sender-data-returns': 'Metadata and tags of a message come back in its events.',

  'registration-once': 'Registering twice leaves one entry, which is registered.',
  'registration-drift': 'An entry that differs from what would be registered is noticed, and mended.',
  'registration-foreign': 'Somebody else’s webhook is left alone.',
  'registration-removed': 'Unregistering removes our entry, and may be repeated.',
  'registration-ping': 'What the vendor posts while it registers is verified.',
} as const;

export type ConformanceRule = keyof typeof CONFORMANCE_RULES;
