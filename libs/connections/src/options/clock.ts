import { Injectable } from '@nestjs/common';

/** The time that outgoing webhooks and sending limits go by. */
@Injectable()
export class Clock {
  now(): Date {
    return new Date();
  }
}
