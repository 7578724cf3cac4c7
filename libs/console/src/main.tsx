import '@fontsource-variable/inter/wght.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './app/tokens.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient } from './app/query-client.ts';
import { router } from './app/router.tsx';
import { cssVariables, theme } from './app/theme.ts';

/** The nonce of this page. Browsers expose it to scripts as a property only. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

declare global {
  var __webpack_nonce__: string | undefined;
}

// get-nonce reads it for the style tag that locks scrolling behind a dialog.
globalThis.__webpack_nonce__ = nonce;

/** Until the letters are there, for so long; what is written with others would move when they come. */
const FONT_MS = 800;

/** How wide the reserved space of the scroll bar is, which CSS cannot ask for; tokens.css uses it behind dialogs. */
function measureScrollbarGutter(): void {
  const html = document.documentElement;
  html.style.setProperty('--scrollbar-gutter', `${String(window.innerWidth - html.getBoundingClientRect().width)}px`);
}

async function start(root: HTMLElement): Promise<void> {
  const tooLong = new Promise((resolve) => setTimeout(resolve, FONT_MS));
  await Promise.race([document.fonts.load('1em "Inter Variable"').catch(() => undefined), tooLong]);
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={cssVariables}
        defaultColorScheme="auto"
        getStyleNonce={() => nonce}
      >
        <Notifications position="bottom-right" />
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}

const root = document.getElementById('root');
measureScrollbarGutter();
if (root !== null) void start(root);
