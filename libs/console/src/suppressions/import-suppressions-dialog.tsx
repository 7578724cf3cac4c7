import { Button, FileInput, Group, Stack, Text } from '@mantine/core';
import { IconFileTypeCsv } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, bodyOf } from '../api/client.ts';
import { SUPPRESSIONS_KEY } from '../api/suppression-queries.ts';
import type { SuppressionImport } from '../api/types.ts';
import { BusyButton } from '../ui/buttons.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Announcement } from '../ui/status.tsx';
import classes from './suppressions.module.css';

interface ImportSuppressionsDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

export function ImportSuppressionsDialog({ opened, onClose }: ImportSuppressionsDialogProps) {
  const queryClient = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const load = useMutation({
    mutationFn: (body: File) =>
      bodyOf(
        api.POST('/api/v1/suppressions/import', {
          // The browser reads the file while it sends it.
          body: body as unknown as string,
          bodySerializer: (unread: unknown) => unread as BodyInit,
          headers: { 'Content-Type': 'text/csv' },
        }),
      ),
    onSettled: () => queryClient.invalidateQueries({ queryKey: SUPPRESSIONS_KEY }),
  });
  const reset = () => {
    setFile(null);
    load.reset();
  };
  return (
    <Dialog
      opened={opened}
      onClose={onClose}
      onExitTransitionEnd={reset}
      closeOnClickOutside={!load.isPending}
      closeOnEscape={!load.isPending}
      title={load.data === undefined ? 'Import addresses' : 'Import finished'}
    >
      {load.data === undefined ? (
        <Stack>
          <Text size="sm" c="dimmed">
            A CSV file with one address per line, or with a column named “email”. Addresses that are suppressed already
            stay as they are.
          </Text>
          <FileInput
            label="File"
            placeholder="Choose a CSV file"
            accept=".csv,.txt,text/csv,text/plain"
            leftSection={<IconFileTypeCsv size={18} aria-hidden />}
            value={file}
            onChange={setFile}
            disabled={load.isPending}
            clearable
            clearButtonProps={{ 'aria-label': 'Remove the file' }}
            data-autofocus
          />
          {load.error !== null && <Failure error={load.error} title="The import ended early. You can repeat it." />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} disabled={load.isPending}>
              Cancel
            </Button>
            <BusyButton
              isBusy={load.isPending}
              disabled={file === null}
              onClick={() => file !== null && load.mutate(file)}
            >
              Import
            </BusyButton>
          </Group>
        </Stack>
      ) : (
        <Report report={load.data} onClose={onClose} />
      )}
    </Dialog>
  );
}

interface ReportProps {
  readonly report: SuppressionImport;
  readonly onClose: () => void;
}

function Report({ report: { added, alreadySuppressed, invalid, invalidLines }, onClose }: ReportProps) {
  const rows = [
    ['Added', added],
    ['Already suppressed', alreadySuppressed],
    ['Skipped', invalid],
  ] as const;
  return (
    <Stack>
      <Announcement>{`Import finished. ${numberOf(added)} addresses added.`}</Announcement>
      <dl className={classes.report}>
        {rows.map(([name, count]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{numberOf(count)}</dd>
          </div>
        ))}
      </dl>
      {invalidLines.length > 0 && (
        <>
          <Text size="sm" fw={560}>
            {invalid > invalidLines.length
              ? `Skipped lines (the first ${String(invalidLines.length)})`
              : 'Skipped lines'}
          </Text>
          <ul className={classes.lines} aria-label="Skipped lines" tabIndex={0}>
            {invalidLines.map(({ line, reason }) => (
              <li key={line}>
                <b>Line {line}</b> {reason}
              </li>
            ))}
          </ul>
        </>
      )}
      <Group justify="flex-end">
        <Button onClick={onClose} data-autofocus>
          Done
        </Button>
      </Group>
    </Stack>
  );
}

function numberOf(count: number): string {
  return count.toLocaleString('en-US');
}
