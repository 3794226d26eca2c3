import { lazy, Suspense, useRef, useState, type ReactNode } from 'react';

import { IconButton } from '../../shared/ui/icon-button';

const Picker = lazy(() => import('./picker.lazy'));

interface Props {
  label: string;
  current: string | null;
  /** Offers to choose for one message only. */
  forOnce?: boolean;
  disabled?: boolean;
  className?: string;
  testId: string;
  onChoose: (model: string, once: boolean) => void;
  children: ReactNode;
}

/** A button that opens the list of models above everything else. */
export function ModelButton({
  label,
  current,
  forOnce = false,
  disabled,
  className,
  testId,
  onChoose,
  children,
}: Props) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement | null>(null);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <>
      <IconButton
        ref={button}
        type="button"
        className={className}
        disabled={disabled}
        aria-label={label}
        title={label}
        aria-haspopup="dialog"
        aria-expanded={open}
        data-testid={testId}
        onClick={() => {
          setOpen(!open);
        }}
      >
        {children}
      </IconButton>
      {open && (
        <Suspense>
          <Picker
            label={label}
            anchor={button}
            current={current}
            forOnce={forOnce}
            onClose={close}
            onChoose={(model, once) => {
              close();
              onChoose(model, once);
            }}
          />
        </Suspense>
      )}
    </>
  );
}
