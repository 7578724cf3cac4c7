import { ActionIcon, Button, Menu } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import {
  IconChevronDown,
  IconCopy,
  IconDots,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconRocket,
  IconSend,
  IconTrash,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useRef, useState } from 'react';
import type { Connection } from '../api/types.ts';
import { useMayManage, useMayManageAll } from '../session/session.ts';
import { useSetEnabled } from './disable/use-set-enabled.ts';

const LaunchDialog = lazy(async () => ({ default: (await import('./launch/launch-dialog.tsx')).LaunchDialog }));
const TestDialog = lazy(async () => ({ default: (await import('./test/test-dialog.tsx')).TestDialog }));
const DisableDialog = lazy(async () => ({ default: (await import('./disable/disable-dialog.tsx')).DisableDialog }));
const DeleteDialog = lazy(async () => ({ default: (await import('./delete/delete-dialog.tsx')).DeleteDialog }));

type DialogName = 'test' | 'launch' | 'disable' | 'delete';

interface ConnectionMenuProps {
  readonly connection: Connection;
  /** A button with words, or an icon where there is a menu on every row. */
  readonly variant: 'button' | 'icon';
}

/** What can be done with a connection: test, edit, duplicate, check before a launch, disable and delete. Read-only users do not see it. */
export function ConnectionMenu({ connection, variant }: ConnectionMenuProps) {
  const { id, name, enabled } = connection;
  const mayManage = useMayManage();
  const mayAdd = useMayManageAll();
  const [isTestOpen, test] = useDisclosure(false);
  const [isLaunchOpen, launch] = useDisclosure(false);
  const [isDisableOpen, disabling] = useDisclosure(false);
  const [isDeleteOpen, deletion] = useDisclosure(false);
  // The dialogs are loaded when they are first opened, and stay to fade out.
  const [wasOpened, setWasOpened] = useState<ReadonlySet<DialogName>>(new Set());
  const { mutate: setEnabled } = useSetEnabled(connection);
  const target = useRef<HTMLButtonElement>(null);
  if (!mayManage) return null;

  const open = (which: DialogName, show: () => void) => () => {
    setWasOpened(new Set([...wasOpened, which]));
    show();
  };
  /** The item that opened the dialog is gone: the focus returns to the menu's button. */
  const andFocus = (close: () => void) => () => {
    close();
    setTimeout(() => target.current?.focus({ preventScroll: true }));
  };
  const enable = () =>
    setEnabled(true, {
      onError: () => notifications.show({ message: `Could not enable ${name}`, color: 'danger' }),
    });
  const icon = { size: 16, 'aria-hidden': true };
  return (
    <>
      <Menu
        position="bottom-end"
        width={220}
        // Inside of a landmark, and without the placeholder that a menu may not contain.
        portalProps={{ target: 'main' }}
        withInitialFocusPlaceholder={false}
      >
        <Menu.Target>
          {variant === 'icon' ? (
            <ActionIcon ref={target} color="gray" size="lg" aria-label={`Actions for ${name}`}>
              <IconDots size={18} aria-hidden />
            </ActionIcon>
          ) : (
            <Button ref={target} variant="default" rightSection={<IconChevronDown {...icon} />}>
              Actions
            </Button>
          )}
        </Menu.Target>
        <Menu.Dropdown aria-label={`Actions for ${name}`}>
          <Menu.Item leftSection={<IconSend {...icon} />} onClick={open('test', test.open)}>
            Test Connection
          </Menu.Item>
          <Menu.Item
            leftSection={<IconPencil {...icon} />}
            renderRoot={(props) => <Link to="/connections/$id/settings" params={{ id }} {...props} />}
          >
            Edit
          </Menu.Item>
          {mayAdd && (
            <Menu.Item
              leftSection={<IconCopy {...icon} />}
              renderRoot={(props) => <Link to="/connections/new" search={{ copy: id }} {...props} />}
            >
              Duplicate
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconRocket {...icon} />} onClick={open('launch', launch.open)}>
            Launch check
          </Menu.Item>
          {enabled ? (
            <Menu.Item leftSection={<IconPlayerPause {...icon} />} onClick={open('disable', disabling.open)}>
              Disable
            </Menu.Item>
          ) : (
            <Menu.Item leftSection={<IconPlayerPlay {...icon} />} onClick={enable}>
              Enable
            </Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Item leftSection={<IconTrash {...icon} />} color="var(--bad)" onClick={open('delete', deletion.open)}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Suspense fallback={null}>
        {wasOpened.has('test') && <TestDialog opened={isTestOpen} onClose={andFocus(test.close)} connectionId={id} />}
        {wasOpened.has('launch') && (
          <LaunchDialog opened={isLaunchOpen} onClose={andFocus(launch.close)} connection={connection} />
        )}
        {wasOpened.has('disable') && (
          <DisableDialog connection={connection} opened={isDisableOpen} onClose={andFocus(disabling.close)} />
        )}
        {wasOpened.has('delete') && (
          <DeleteDialog connection={connection} opened={isDeleteOpen} onClose={andFocus(deletion.close)} />
        )}
      </Suspense>
    </>
  );
}
