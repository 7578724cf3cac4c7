import { Injectable } from '@nestjs/common';

/** The time that outgoing webhooks go by. */
@Injectable()
export class Clock {
  now(): Date {
    return new Date();
  }
}
