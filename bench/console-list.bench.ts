import { afterAll, describe, it } from '@jest/globals';
import { ConnectionsService } from '@score-crm/connections';
import type { Page } from 'playwright-core';
import { ConsoleUnderTest } from '../test/support/console.ts';

const MANY = 5_000;
const FEW = 25;
const ROUNDS = 9;
const OWNER = { actor: 'bench' };

/** How long the list takes with 5,000 connections, against the same list with 25 (the baseline), in turns. */
describe('the list', () => {
  let console: ConsoleUnderTest;
  afterAll(() => console.stop());

  it('with 5,000 connections against 25', async () => {
    console = await ConsoleUnderTest.start({ logLevel: 'error' });
    const few = await page('few', FEW);
    const many = await page('many', MANY);
    const times = STEPS.map(() => ({ few: [] as number[], many: [] as number[] }));
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, { work }] of STEPS.entries()) {
        times[index]?.few.push(await timed(few, work));
        times[index]?.many.push(await timed(many, work));
      }
    }
    const lines = STEPS.map(({ name }, index) => {
      const [base, measured] = [median(times[index]?.few), median(times[index]?.many)];
      const ratio = (measured / base).toFixed(2);
      return `${name.padEnd(46)} ${base.toFixed(0)} ms → ${measured.toFixed(0)} ms   × ${ratio}`;
    });
    process.stdout.write(`\nMedian of ${String(ROUNDS)}, 25 connections → 5,000:\n${lines.join('\n')}\n`);
  }, 600_000);

  async function page(organization: string, count: number): Promise<Page> {
    const connections = console.service.app.get(ConnectionsService);
    const settings = { ...console.sandboxes.byVendor.get('smtp')?.settings };
    for (let index = 0; index < count; index++) {
      const name = `Connection ${String(index).padStart(5, '0')}`;
      await connections.create(
        { organization, ...OWNER },
        { name, vendor: 'smtp', fromEmail: 'news@sender.example', settings },
      );
    }
    return (await console.signedIn(await console.service.tokenFor(organization))).page;
  }
});

const rows = (page: Page) => page.getByRole('table').getByRole('link');

interface Step {
  readonly name: string;
  readonly work: (page: Page) => Promise<void>;
}

/** In the order in which they are done, each from where the one before ends. */
const STEPS: readonly Step[] = [
  {
    name: 'reload until the rows are there',
    work: async (page) => {
      await page.goto('/connections');
      await rows(page)
        .nth(FEW - 1)
        .waitFor();
    },
  },
  {
    name: 'search until the one match is there (250 ms typing)',
    work: async (page) => {
      await page.getByLabel('Search connections').fill('00017');
      await rows(page).nth(1).waitFor({ state: 'detached' });
      await page.getByRole('link', { name: 'Connection 00017' }).waitFor();
    },
  },
  {
    name: 'clear the search until all are there (the same)',
    work: async (page) => {
      await page.getByLabel('Search connections').fill('');
      await rows(page)
        .nth(FEW - 1)
        .waitFor();
    },
  },
];

async function timed(page: Page, work: (page: Page) => Promise<void>): Promise<number> {
  const start = performance.now();
  await work(page);
  return performance.now() - start;
}

function median(values: readonly number[] = []): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
