// https://github.com/smtpcom/smtpcom-go, `api/openapi.yaml`, POST /v4/messages
export const LIMITS = {
  /** To, cc and bcc together. */
  recipients: 1_000,
  /** Of the MIME message that SMTP.com creates. Its “10Mb” is interpreted as the smaller value. */
  bytes: 10_000_000,
  subjectCharacters: 998,
} as const;
