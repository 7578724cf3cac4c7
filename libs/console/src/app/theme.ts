import {
  ActionIcon,
  Autocomplete,
  Badge,
  Button,
  Checkbox,
  Combobox,
  createTheme,
  type CSSVariablesResolver,
  defaultVariantColorsResolver,
  Drawer,
  DrawerHeader,
  type MantineColorsTuple,
  Modal,
  ModalHeader,
  MultiSelect,
  Notification,
  PasswordInput,
  Radio,
  Select,
  Skeleton,
  Switch,
  Tooltip,
} from '@mantine/core';

const ON_FILLED = 'var(--on-filled)';

/** A `header` would be the banner of the page, and of two dialogs one above the other each would have one. */
const NO_BANNER = { defaultProps: { role: 'presentation' } };
const DIALOG = { title: { fontWeight: 620, fontSize: '1.05rem' } };

/** The room at the edges of the window, and the border and padding of a list of options, in pixels. */
const LIST_MARGIN = 8;
const LIST_FRAME = 10;
const MIN_LIST = 100;
/**
 * The list of options scrolls itself: a scroll area around it would have to be reachable by keyboard. It is as high as there
 * is room in the window, because behind a dialog nothing scrolls.
 */
const LIST = {
  defaultProps: { withScrollArea: false },
  styles: { options: { maxHeight: 'min(320px, var(--list-room, 320px))', overflowY: 'auto' } },
} as const;

const ink: MantineColorsTuple = [
  '#f4f4f6',
  '#e9eaed',
  '#cfd1d7',
  '#b2b5be',
  '#8d919c',
  '#6b6f7a',
  '#4f535d',
  '#373a42',
  '#202228',
  '#131418',
];

const dark: MantineColorsTuple = [
  '#ecedef',
  '#cdd0d6',
  '#a5a9b4',
  '#8e939f',
  '#3b3f48',
  '#292c33',
  '#1c1e23',
  '#16181c',
  '#0f1013',
  '#090a0c',
];

/** For actions that cannot be undone. Like the primary color, it is dark in light mode and light in dark mode. */
const danger: MantineColorsTuple = [
  '#ffe3e0',
  '#ffb4ad',
  '#ff9a92',
  '#f47c73',
  '#e55f56',
  '#d4453d',
  '#c83632',
  '#be2b2a',
  '#b42323',
  '#8f1a1a',
];

export const theme = createTheme({
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', 'Roboto Mono', Menlo, Consolas, monospace",
  primaryColor: 'ink',
  primaryShade: { light: 8, dark: 1 },
  // Filled elements are dark in light mode and light in dark mode; their text is the opposite.
  variantColorResolver: (input) => ({
    ...defaultVariantColorsResolver(input),
    ...(input.variant === 'filled' ? { color: ON_FILLED } : {}),
  }),
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  colors: { ink, danger, dark },
  headings: { fontWeight: '620', sizes: { h1: { fontSize: '1.5rem', lineHeight: '1.3' } } },
  components: {
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle' } }),
    Autocomplete: Autocomplete.extend(LIST),
    Badge: Badge.extend({ defaultProps: { variant: 'light', radius: 'sm' } }),
    Button: Button.extend({ styles: { label: { fontWeight: 550 } } }),
    Checkbox: Checkbox.extend({ defaultProps: { iconColor: ON_FILLED } }),
    Combobox: Combobox.extend({
      defaultProps: {
        // Options may arrive after the list is open, and need another place.
        preventPositionChangeWhenVisible: false,
        middlewares: {
          flip: { padding: LIST_MARGIN },
          size: {
            padding: LIST_MARGIN,
            apply: ({ availableHeight, elements }) => {
              const room = Math.max(MIN_LIST, Math.floor(availableHeight) - LIST_FRAME);
              elements.floating.style.setProperty('--list-room', `${String(room)}px`);
            },
          },
        },
      },
    }),
    Drawer: Drawer.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Close' } }, styles: DIALOG }),
    DrawerHeader: DrawerHeader.extend(NO_BANNER),
    Modal: Modal.extend({
      defaultProps: { centered: true, radius: 'lg', closeButtonProps: { 'aria-label': 'Close' } },
      styles: DIALOG,
    }),
    ModalHeader: ModalHeader.extend(NO_BANNER),
    MultiSelect: MultiSelect.extend(LIST),
    Notification: Notification.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } }),
    PasswordInput: PasswordInput.extend({
      defaultProps: { visibilityToggleButtonProps: { 'aria-label': 'Show or hide', tabIndex: 0 } },
    }),
    Radio: Radio.extend({ defaultProps: { iconColor: ON_FILLED } }),
    Select: Select.extend(LIST),
    Skeleton: Skeleton.extend({ defaultProps: { radius: 'sm' } }),
    Switch: Switch.extend({ defaultProps: { color: 'var(--switched-on)' } }),
    Tooltip: Tooltip.extend({
      defaultProps: { withArrow: true, openDelay: 250, events: { hover: true, focus: true, touch: false } },
    }),
  },
});

/** Mantine's own greys are too pale for small text (WCAG 2.2, 1.4.3). */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#fafafa',
    '--mantine-color-text': '#17181c',
    '--mantine-color-dimmed': '#5b5f69',
    '--mantine-color-placeholder': '#6a6e78',
    '--mantine-color-error': '#b42323',
    '--mantine-color-default-border': '#d2d3d8',
    '--mantine-color-anchor': '#4a3fd0',
    '--mantine-primary-color-light-color': '#17181c',
  },
  dark: {
    '--mantine-color-body': '#0f1013',
    '--mantine-color-dimmed': '#a5a9b4',
    '--mantine-color-placeholder': '#8e939f',
    '--mantine-color-error': '#ff9a92',
    '--mantine-color-anchor': '#aaa2ff',
    '--mantine-primary-color-light-color': '#ecedef',
  },
});
