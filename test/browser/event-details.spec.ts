import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConsoleUnderTest } from '../support/console.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';

/** How the console shows events, and the rates that it computes from them. */
describe('the events of a connection', () => {
  let console: ConsoleUnderTest;

  beforeAll(async () => {
    console = await ConsoleUnderTest.start();
  });
  afterAll(() => console.stop());

  it('show the server’s reply to deferrals, deliveries and bounces', async () => {
    const hook = await SendgridWebhook.create(console.service);
    const replies = {
      deferred: '421 4.7.0 try again later',
      delivered: '250 2.0.0 OK 1755444165 abc',
      bounce: '550 5.1.1 no such user',
    };
    await hook.post([
      vendorEvent('deferred', { response: replies.deferred, email: 'deferred@recipient.example' }),
      vendorEvent('delivered', { response: replies.delivered, email: 'delivered@recipient.example' }),
      vendorEvent('bounce', { reason: replies.bounce, status: '5.1.1', email: 'bounced@recipient.example' }),
    ]);
    const { data } = (await console.service.call('GET', `/api/v1/connections/${hook.id}/events`)).body;
    expect(Object.fromEntries(data.map((event: any) => [event.kind, event.reply]))).toEqual({
      deferred: replies.deferred,
      delivered: replies.delivered,
      bounced: replies.bounce,
    });

    const watched = await console.signedIn();
    const { page } = watched;
    await page.goto(`/connections/${hook.id}/events`);
    for (const [kind, reply] of Object.entries({ ...replies, bounced: replies.bounce }).filter(
      ([k]) => k !== 'bounce',
    )) {
      await page.getByRole('link', { name: new RegExp(`^${kind}@recipient\\.example`) }).click();
      const details = page.getByRole('dialog', { name: 'Event' });
      const fact = details.locator('dl > div').filter({ has: page.locator('dt:text-is("Server reply")') });
      await fact.getByText(reply, { exact: true }).waitFor();
      await page.keyboard.press('Escape');
      await details.waitFor({ state: 'hidden' });
    }
    await page.getByRole('row').filter({ hasText: 'deferred@' }).getByText(replies.deferred).waitFor();
    watched.assertNoFaults();
    await watched.close();
  });

  it('show long numbers of the raw event with all digits', async () => {
    const hook = await SendgridWebhook.create(console.service);
    const event = JSON.stringify(vendorEvent('delivered', { order: 'ORDER' }));
    await hook.postSigned(`[${event.replace('"ORDER"', '12345678901234567890')}]`);
    const watched = await console.signedIn();
    const { page } = watched;
    await page.goto(`/connections/${hook.id}/events`);
    await page.getByRole('link', { name: /^ada@recipient\.example/ }).click();
    const raw = page.getByRole('region', { name: 'Raw event as JSON' });
    await raw.getByText('"order": 12345678901234567890').waitFor();
    watched.assertNoFaults();
    await watched.close();
  });

  it('are summarized in six counts with rates', async () => {
    const id = await console.connect('sendgrid', 'With figures');
    await console.service.call('POST', `/api/v1/connections/${id}/webhook/registration`);
    for (const scenario of ['click', 'bounce', 'softbounce']) {
      const to = [{ email: `${scenario}@recipient.example` }];
      const body = { to, subject: 'Hello', html: '<a href="https://x.example">x</a>' };
      await console.service.call('POST', `/api/v1/connections/${id}/messages`, { body });
    }
    await console.sandboxes.settled();
    const { counts } = (await console.service.call('GET', `/api/v1/connections/${id}/stats?days=7`)).body;
    const { sent = 0, delivered = 0, bounced = 0, opened = 0, clicked = 0 } = counts;
    expect([sent, delivered > 0, bounced > 0]).toEqual([3, true, true]);

    const watched = await console.signedIn();
    const { page } = watched;
    await page.goto(`/connections/${id}`);
    const tile = (label: string) => page.locator('dl > div').filter({ has: page.locator(`dt:text-is("${label}")`) });
    const expected: [string, string, string][] = [
      ['Delivered', percent(delivered / sent), `${String(delivered)} of ${String(sent)} sent`],
      ['Bounced', percent(bounced / sent), `${String(bounced)} of ${String(sent)} sent`],
      ['Opens', percent(opened / delivered), `${String(opened)} of ${String(delivered)} delivered`],
      ['Clicks', percent(clicked / delivered), `${String(clicked)} of ${String(delivered)} delivered`],
      ['Complaints', '0%', `0 of ${String(delivered)} delivered`],
    ];
    await tile('Sent').getByText('accepted').waitFor();
    for (const [label, rate, base] of expected) {
      await tile(label).getByText(base, { exact: true }).waitFor();
      expect(await tile(label).locator('dd').first().textContent()).toBe(rate);
    }
    expect(await page.locator('dl > div', { has: page.locator('dd + dd') }).count()).toBe(6);
    watched.assertNoFaults();
    await watched.close();
  });
});

function percent(rate: number): string {
  return `${String(Math.round(rate * 1000) / 10)}%`;
}
