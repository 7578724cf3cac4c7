import { Burger, Drawer } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet } from '@tanstack/react-router';
import { SessionEndedDialog } from '../session/session-ended-dialog.tsx';
import { useSharedSession } from '../session/use-shared-session.ts';
import { Account } from './account.tsx';
import { Logo } from './logo.tsx';
import { Navigation } from './navigation.tsx';
import classes from './shell.module.css';

/** What stands around every page: a sidebar, or a bar with a drawer where it is narrow. */
export function Shell() {
  const [isOpen, drawer] = useDisclosure(false);
  useSharedSession();
  return (
    <div className={classes.shell}>
      <a href="#main" className={classes.skip}>
        Skip to the content
      </a>
      <aside className={classes.sidebar} aria-label="Sidebar">
        <div className={classes.logo}>
          <Logo />
        </div>
        <Navigation />
        <div className={classes.spacer} />
        <Account />
      </aside>
      <header className={classes.bar}>
        <Logo />
        <Burger opened={isOpen} onClick={drawer.toggle} size="sm" aria-label="Menu" aria-expanded={isOpen} />
      </header>
      <Drawer opened={isOpen} onClose={drawer.close} title="Menu" size="xs" position="right">
        <div className={classes.drawer}>
          <Navigation onNavigate={drawer.close} />
          <Account />
        </div>
      </Drawer>
      <main id="main" className={classes.main} tabIndex={-1}>
        <div className={classes.content}>
          <Outlet />
        </div>
      </main>
      <SessionEndedDialog />
    </div>
  );
}
