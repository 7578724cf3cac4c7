import { type ConsumerState, ConsumersService, parsePosition, positionText } from '@score-crm/connections';
import { Command, InvalidArgumentError } from 'commander';
import { withApplication } from './application.ts';

export function consumersCommand(): Command {
  const command = new Command('consumers').description(
    'Manage what reads the feed of events: subscribers, RabbitMQ, outgoing webhooks and projections.',
  );
  command
    .command('list')
    .description('List all consumers with their position, their lag in entries of the feed, and their dead letters.')
    .action(async () => {
      const states = await withConsumers((consumers) => consumers.list());
      for (const state of states) process.stdout.write(`${lineOf(state)}\n`);
    });
  command
    .command('pause')
    .description('Pause a consumer. It keeps its position.')
    .argument('<name>')
    .action(async (name: string) => withConsumers((consumers) => consumers.pause(name)));
  command
    .command('resume')
    .description('Resume a paused consumer.')
    .argument('<name>')
    .action(async (name: string) => withConsumers((consumers) => consumers.resume(name)));
  command
    .command('seek')
    .description('Move a consumer. It gets the events after the position, again if it already had them.')
    .argument('<name>')
    .argument('<to>', 'beginning, end, a position such as 1042-17, or a time such as 2026-01-31T08:00:00Z', destination)
    .action(async (name: string, to: Destination) => withConsumers((consumers) => consumers.seek(name, to)));
  command
    .command('dead-letters')
    .description('List up to 100 events that a consumer could not process, the oldest first.')
    .argument('<name>')
    .option('--after <id>', 'continue after this dead letter')
    .action(async (name: string, { after }: { readonly after?: string }) => {
      const letters = await withConsumers((consumers) => consumers.listDeadLetters(name, after));
      for (const { id, eventId, position, attempts, createdAt, reason } of letters) {
        const place = `event ${eventId}  position ${positionText(position)}`;
        process.stdout.write(`${id}  ${place}  attempts ${String(attempts)}  ${createdAt.toISOString()}  ${reason}\n`);
      }
    });
  command
    .command('replay')
    .description(
      'Hand the event of a dead letter to a consumer of the service again. If that succeeds, the dead letter is deleted.',
    )
    .argument('<name>')
    .argument('<id>')
    .action(async (name: string, id: string) => {
      const error = await withConsumers((consumers) => consumers.replay(name, id));
      if (error === null) return;
      process.stderr.write(`Failed again: ${error}\n`);
      process.exitCode = 2;
    });
  return command;
}

type Destination = Parameters<ConsumersService['seek']>[1];

async function withConsumers<T>(work: (consumers: ConsumersService) => Promise<T>): Promise<T> {
  return withApplication((app) => work(app.get(ConsumersService)));
}

function lineOf({ name, type, position, lag, paused, failures, deadLetters, lastError }: ConsumerState): string {
  const counts = `lag ${String(lag)}  dead letters ${String(deadLetters)}`;
  const state = paused ? 'paused' : failures > 0 ? `failing: ${String(lastError)}` : 'ok';
  return `${name}  ${type}  position ${positionText(position)}  ${counts}  ${state}`;
}

function destination(text: string): Destination {
  if (text === 'beginning' || text === 'end') return text;
  if (/^\d{4}-\d{2}-\d{2}T/.test(text) && !Number.isNaN(Date.parse(text))) return new Date(text);
  try {
    return parsePosition(text);
  } catch {
    throw new InvalidArgumentError('Use beginning, end, a position or a time.');
  }
}
