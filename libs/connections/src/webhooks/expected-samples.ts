import { randomBytes } from 'node:crypto';
import { singleValue, type WebhookHead } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';

/** The header with the token of a sample. Requests from outside have none that is valid. */
const SAMPLE_HEADER = 'x-score-sample';
const TOKEN_BYTES = 32;

/** A sample that this instance is posting to its own webhook. */
export interface ExpectedSample {
  readonly connectionId: string;
  /** Settings that authenticate its requests; undefined for those of the connection. */
  readonly settings: object | undefined;
}

/** Recognizes the requests of samples by a token that only this process knows, and only while it posts them. */
@Injectable()
export class ExpectedSamples {
  private readonly byToken = new Map<string, ExpectedSample>();

  /** @param post gets the headers that mark a request as one of the sample */
  async during<T>(sample: ExpectedSample, post: (headers: Readonly<Record<string, string>>) => Promise<T>): Promise<T> {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    this.byToken.set(token, sample);
    try {
      return await post({ [SAMPLE_HEADER]: token });
    } finally {
      this.byToken.delete(token);
    }
  }

  /** The sample that a request belongs to; undefined for every request of a vendor. */
  find(connectionId: string, { headers }: WebhookHead): ExpectedSample | undefined {
    const sample = this.byToken.get(singleValue(headers[SAMPLE_HEADER]) ?? '');
    return sample?.connectionId === connectionId ? sample : undefined;
  }
}
