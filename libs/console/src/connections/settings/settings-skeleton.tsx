import { Skeleton, Stack } from '@mantine/core';
import { Card } from '../../ui/card.tsx';
import classes from './settings-tab.module.css';

export interface SettingsSkeletonProps {
  /** Whether a form will appear, or a list of values. */
  readonly isForm: boolean;
}

const FIELDS_OF_CARDS = [2, 3, 1] as const;

/** The placeholder of the settings while they load. */
export function SettingsSkeleton({ isForm }: SettingsSkeletonProps) {
  return (
    <Stack gap="lg" className={classes.column} aria-busy="true">
      {FIELDS_OF_CARDS.map((fields) => (
        <Card key={fields}>
          <Skeleton w={120} h={18} mb="lg" />
          <Stack gap="lg">
            {Array.from({ length: fields }, (_, field) => (
              <div key={field}>
                <Skeleton w={90} h={13} mb={8} />
                <Skeleton h={isForm ? 36 : 14} w={isForm ? '100%' : '60%'} />
              </div>
            ))}
          </Stack>
        </Card>
      ))}
    </Stack>
  );
}
