import { Burger, Drawer } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet } from '@tanstack/react-router';
import { type MouseEvent, useRef } from 'react';
import { SessionEndedDialog } from '../session/session-ended-dialog.tsx';
import { useSharedSession } from '../session/use-shared-session.ts';
import { useEscape } from '../ui/use-escape.ts';
import { Account } from './account.tsx';
import { Logo } from './logo.tsx';
import { Navigation } from './navigation.tsx';
import classes from './shell.module.css';
import { useFocusOnPage } from './use-focus-on-page.ts';

/** The frame of every page: a sidebar, or a top bar with a drawer on narrow screens. */
export function Shell() {
  const [isOpen, drawer] = useDisclosure(false);
  const main = useRef<HTMLElement>(null);
  useSharedSession();
  useFocusOnPage(main);
  useEscape(isOpen, drawer.close);
  const skip = (event: MouseEvent) => {
    // Following the link would add a step to the history.
    event.preventDefault();
    main.current?.focus();
  };
  return (
    <div className={classes.shell}>
      <a href="#main" className={classes.skip} onClick={skip}>
        Skip to content
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
      <main id="main" ref={main} className={classes.main} tabIndex={-1}>
        <div className={classes.content}>
          <Outlet />
        </div>
      </main>
      <SessionEndedDialog />
    </div>
  );
}
