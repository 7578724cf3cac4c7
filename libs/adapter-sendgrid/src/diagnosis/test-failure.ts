import { AdapterError, type AdapterErrorDetails, type DiagnosisChecks } from '@score-crm/adapter-kit';

/** Which of the four checks a failure answers with no; a dead address or a full account answers none. */
export function concernOf({ stage, code, fault }: AdapterErrorDetails): keyof DiagnosisChecks | undefined {
  if (stage === 'connect' || stage === 'tls') return 'connectivity';
  if (code === 'authentication_failed') return 'authentication';
  if (stage === 'sender') return 'fromAddress';
  if (code === 'permission_denied' || code === 'quota_exceeded') return 'sendPermission';
  return stage === 'message' && fault === 'sender' ? 'sendPermission' : undefined;
}

/** The call that asks for scopes concerns no message: without an answer it did not connect, with one it did not log in. */
export function inTheScopesCall(error: unknown): AdapterError {
  if (!(error instanceof AdapterError)) return unexpected();
  const { details } = error;
  if (details.stage !== 'message' || details.code === 'permission_denied') return error;
  return new AdapterError({ ...details, stage: details.status === undefined ? 'connect' : 'authenticate' });
}

export function unexpected(): AdapterError {
  return new AdapterError({
    stage: 'message',
    code: 'unexpected',
    fault: 'configuration',
    retryable: false,
    hint: 'The test failed for a reason that this service does not know.',
  });
}
