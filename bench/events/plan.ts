import type { Conditions, Load } from './measurement.ts';

/** Sides that are measured with one load, in turns. */
export interface Part extends Load {
  readonly vendor: string;
  readonly sides: readonly string[];
  readonly runs: number;
}

export interface Plan extends Conditions {
  readonly name: string;
  readonly parts: readonly Part[];
  /** Of the table that this service is measured with in addition to an empty one. */
  readonly filledRows?: number;
}

/** The service with a table that has events already. */
export const FILLED = 'filled';

/** The service while nothing numbers or counts its events. */
export const WITHOUT_FEED = 'alone';
/** The service with RabbitMQ. */
export const WITH_BROKER = 'rabbitmq';
/** The broker of the side `rabbitmq`, which is not measured without it. */
export const BROKER_URL = process.env['EVENTS_AMQP_URL'];

const SIZES = [1, 10, 100, 1_000];
const LEVELS = [1, 4, 16, 64];
/** The level for what is measured once for each size. */
export const USUAL_LEVEL = 16;
const FEED = [WITHOUT_FEED, 'service', ...(BROKER_URL === undefined ? [] : [WITH_BROKER])];
const COMPARED = ['service', 'floor', 'careful'];
const FILLED_ROWS = 10_000_000;

/** Less than 10 minutes. */
export function quickPlan(vendors: ReadonlyMap<string, number>): Plan {
  const loads = [load(1, 1), load(1, 16), load(1, 64), load(10, 16), load(100, 4), load(100, 16), load(100, 64)];
  return {
    name: 'quick',
    warmUpSeconds: 1,
    seconds: 2,
    parts: [
      ...[...loads, load(1_000, 16)].map((each) => part(each, COMPARED, 2)),
      ...[load(1, 16), load(100, 16)].map((each) => part(each, ['naive', 'sqlite'], 1)),
      part(load(100, 16), FEED, 2),
      ...ofVendors(vendors, 1),
    ],
  };
}

/** About an hour. */
export function fullPlan(vendors: ReadonlyMap<string, number>): Plan {
  return {
    name: 'full',
    warmUpSeconds: 1.5,
    seconds: 4,
    filledRows: FILLED_ROWS,
    parts: [
      ...SIZES.flatMap((eventsPerPost) =>
        LEVELS.map((inFlight) => {
          const sides = inFlight < USUAL_LEVEL ? COMPARED : [...COMPARED, 'sqlite'];
          return part({ eventsPerPost, inFlight }, inFlight === USUAL_LEVEL ? [...sides, 'naive'] : sides, 5);
        }),
      ),
      ...[load(1, 16), load(100, 16)].map((each) => part(each, FEED, 5)),
      ...[load(1, 64), load(100, 16), load(100, 64)].map((each) => part(each, [FILLED, 'service'], 5)),
      ...ofVendors(vendors, 5),
    ],
  };
}

function load(eventsPerPost: number, inFlight: number): Load {
  return { eventsPerPost, inFlight };
}

export function part(load: Load, sides: readonly string[], runs: number, vendor = 'sendgrid'): Part {
  return { ...load, vendor, sides, runs };
}

/** @param vendors the events in a request of each */
function ofVendors(vendors: ReadonlyMap<string, number>, runs: number): Part[] {
  return [...vendors].map(([vendor, eventsPerPost]) =>
    part({ eventsPerPost, inFlight: USUAL_LEVEL }, ['service'], runs, vendor),
  );
}
