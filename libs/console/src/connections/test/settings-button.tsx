import type { VendorError } from '../../api/types.ts';
import { useMayManage } from '../../session/use-session.ts';
import { ButtonLink } from '../../ui/links.tsx';

export interface SettingsButtonProps {
  /** The connection. */
  readonly id: string;
  /** What the test failed with; the way is only shown where it leads to the remedy. */
  readonly error: VendorError | undefined;
}

/** The way from a failure to the settings, where it may be mended there. */
export function SettingsButton({ id, error }: SettingsButtonProps) {
  const mayManage = useMayManage();
  if (!mayManage || (error?.fault !== 'configuration' && error?.fault !== 'sender')) return null;
  return (
    <ButtonLink to="/connections/$id/settings" params={{ id }} size="xs" variant="default">
      Open the settings
    </ButtonLink>
  );
}
