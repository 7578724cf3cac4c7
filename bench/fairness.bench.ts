import { describe, it } from '@jest/globals';
import { createDatabase, DATABASES } from '../test/support/databases.ts';
import { SendgridWebhook, vendorEvent } from '../test/support/sendgrid-webhook.ts';
import { type Answer, TestService } from '../test/support/service.ts';
import { sparkpostClick, SparkpostWebhook } from '../test/support/sparkpost-webhook.ts';

const EVENTS = 60_000;

/** What another organization sees beside a post with 60,000 events, and the memory that it takes. */
describe.each(DATABASES)('a post with 60,000 events on %s', (kind) => {
  it('beside single events and lists of another organization', async () => {
    const service = await TestService.start(await createDatabase(kind), { logLevel: 'error' });
    const token = await service.tokenFor('neighbor');
    const large = await SparkpostWebhook.create(service);
    const neighbor = await SendgridWebhook.create(service, token);
    const events = Array.from({ length: EVENTS }, () => sparkpostClick());

    const idle = await measure((round) => round >= 50);
    let peak = process.memoryUsage.rss();
    const before = peak;
    const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
    const start = performance.now();
    let isDone = false;
    const posting = large.post(events).then((answer) => {
      isDone = true;
      return answer;
    });
    const busy = await measure(() => isDone);
    const { status, body } = (await posting) as Answer;
    clearInterval(timer);
    const took = ((performance.now() - start) / 1_000).toFixed(1);
    process.stdout.write(
      `\n${kind}: ${String(status)} ${JSON.stringify(body)} in ${took} s; p99 of a signed event ${idle.event} → ${busy.event} ms, of GET /connections ${idle.list} → ${busy.list} ms; RSS ${mib(before)} → ${mib(peak)} MiB (the client is in the same process)\n`,
    );
    await service.app.close();
    await service.database.drop();

    async function measure(isEnough: (round: number) => boolean): Promise<{ event: string; list: string }> {
      const times = { event: [] as number[], list: [] as number[] };
      for (let round = 0; !isEnough(round); round++) {
        times.event.push(await timed(() => neighbor.post([vendorEvent('delivered')])));
        times.list.push(await timed(() => service.call('GET', '/api/v1/connections', { token })));
      }
      return { event: p99(times.event), list: p99(times.list) };
    }
  }, 600_000);
});

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function p99(times: readonly number[]): string {
  return (times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.99) - 1] ?? 0).toFixed(0);
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}
