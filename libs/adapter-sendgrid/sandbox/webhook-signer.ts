import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** The key pair of one event webhook. */
export class WebhookSigner {
  /** As the console shows it: base64 of the DER SubjectPublicKeyInfo, on one line. */
  readonly publicKey: string;
  private readonly privateKey: KeyObject;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    this.publicKey = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
    this.privateKey = privateKey;
  }

  /** Returns the signature headers of a request. `timestamp` is in Unix seconds; by default, now. */
  headersFor(body: Uint8Array, timestamp: string = String(Math.floor(Date.now() / 1000))): Record<string, string> {
    const signature = createSign('sha256').update(timestamp).update(body).sign(this.privateKey, 'base64');
    return {
      'X-Twilio-Email-Event-Webhook-Signature': signature,
      'X-Twilio-Email-Event-Webhook-Timestamp': timestamp,
    };
  }
}
