import { describe, expect, it } from '@jest/globals';
import { CrowdedNetworkError, OverloadedError } from '../src/bodies/body.errors.ts';
import {
  UNAUTHENTICATED_BYTES,
  UNAUTHENTICATED_BYTES_PER_NETWORK,
  UnauthenticatedBodies,
} from '../src/bodies/read-body.ts';

const MIB = 1 << 20;

class Sender {
  readonly refusals: Error[] = [];
  private readonly room;

  constructor(bodies: UnauthenticatedBodies, address: string) {
    this.room = bodies.open(address, (error) => {
      this.refusals.push(error);
      this.room.release();
    });
  }

  send(bytes: number): this {
    this.room.take(bytes);
    return this;
  }

  finish(): this {
    this.room.arrived();
    return this;
  }

  release(): void {
    this.room.release();
  }
}

describe('UnauthenticatedBodies', () => {
  it('refuses the body of an address that has been arriving for the longest time, and not the newest', () => {
    const bodies = new UnauthenticatedBodies();
    const hanging = Array.from({ length: 12 }, () => new Sender(bodies, '192.0.2.1').send(MIB - 1));
    const fresh = new Sender(bodies, '192.0.2.1').send(5_000);
    expect([hanging[0]?.refusals, hanging[1]?.refusals, fresh.refusals]).toEqual([
      [expect.any(CrowdedNetworkError)],
      [],
      [],
    ]);
  });

  it('does not affect other addresses', () => {
    const bodies = new UnauthenticatedBodies();
    const other = new Sender(bodies, '192.0.2.2').send(MIB);
    for (let index = 0; index < 100; index++) new Sender(bodies, '192.0.2.1').send(MIB);
    expect(other.refusals).toEqual([]);
  });

  it('counts a /64 of IPv6 as one address', () => {
    const bodies = new UnauthenticatedBodies();
    const first = new Sender(bodies, '2001:db8::1').send(UNAUTHENTICATED_BYTES_PER_NETWORK);
    new Sender(bodies, '2001:db8::2').send(1);
    expect(first.refusals).toHaveLength(1);
    const elsewhere = new Sender(bodies, '2001:db8:0:1::1').send(UNAUTHENTICATED_BYTES_PER_NETWORK);
    new Sender(bodies, '2001:db8::3').send(1);
    expect(elsewhere.refusals).toEqual([]);
  });

  it('refuses the oldest body of the address with the most memory when the total is used up', () => {
    const bodies = new UnauthenticatedBodies();
    const small = new Sender(bodies, '192.0.2.9').send(MIB);
    const large = ['192.0.2.1', '192.0.2.2'].map((address) =>
      new Sender(bodies, address).send(UNAUTHENTICATED_BYTES_PER_NETWORK),
    );
    const rest = UNAUTHENTICATED_BYTES - 2 * UNAUTHENTICATED_BYTES_PER_NETWORK;
    const last = new Sender(bodies, '192.0.2.3').send(rest);
    expect(large[0]?.refusals).toEqual([expect.any(OverloadedError)]);
    expect([small, large[1], last].map((sender) => sender?.refusals)).toEqual([[], [], []]);
  });

  it('never interrupts a complete body, and refuses the new one instead', () => {
    const bodies = new UnauthenticatedBodies();
    const complete = new Sender(bodies, '192.0.2.1').send(UNAUTHENTICATED_BYTES_PER_NETWORK).finish();
    const fresh = new Sender(bodies, '192.0.2.1');
    expect(() => fresh.send(1)).toThrow(CrowdedNetworkError);
    expect(complete.refusals).toEqual([]);
    fresh.release();
    complete.release();
    new Sender(bodies, '192.0.2.1').send(UNAUTHENTICATED_BYTES_PER_NETWORK);
  });

  it('forgets addresses that no longer send', () => {
    const bodies = new UnauthenticatedBodies();
    for (let index = 0; index < 1_000; index++) {
      const sender = new Sender(bodies, `192.0.2.${String(index % 250)}`);
      if (index % 2 === 0) sender.send(10);
      if (index % 3 === 0) sender.finish();
      sender.release();
      sender.release();
    }
    expect([bodies['networks'].size, bodies['total']]).toEqual([0, 0]);
  });
});
