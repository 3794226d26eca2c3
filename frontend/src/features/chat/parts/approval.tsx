import { Check, ShieldQuestion, X } from 'lucide-react';

import { partText } from '../../../shared/i18n/part-messages';
import { Button, PrimaryButton } from '../../../shared/ui/button';
import { CodeBlock } from '../../markdown/code-block';
import { Ask, Choice } from './part-styles';
import type { PartProps } from './steps.lazy';
import { layOut, textOf } from './values';

/** An agent asks before it uses a tool; the reply waits for the answer. */
export function Approval({ part, onAnswer }: PartProps) {
  const name = textOf(part, 'name') || partText.tool.unnamed;
  const server = textOf(part, 'server_label') || partText.approval.unnamedServer;
  const answer = textOf(part, 'answer');
  const asked = layOut(textOf(part, 'arguments'));
  return (
    <Ask aria-label={partText.approval.region(name)} data-testid="approval-part" data-answered={answer !== ''}>
      <h3>
        <ShieldQuestion size={18} aria-hidden />
        {partText.approval.may(name, server)}
      </h3>
      {asked.code !== '' && (
        <>
          <p>{partText.approval.arguments}</p>
          <CodeBlock
            code={asked.code}
            language={asked.language}
            open={false}
            name={partText.tool.of(partText.tool.arguments, name)}
          />
        </>
      )}
      {answer === '' && onAnswer !== null && (
        <Choice>
          <PrimaryButton
            type="button"
            onClick={() => {
              onAnswer(part.id, true);
            }}
            data-testid="approve-button"
          >
            <Check size={16} aria-hidden />
            {partText.approval.allow}
          </PrimaryButton>
          <Button
            type="button"
            onClick={() => {
              onAnswer(part.id, false);
            }}
            data-testid="deny-button"
          >
            <X size={16} aria-hidden />
            {partText.approval.deny}
          </Button>
        </Choice>
      )}
      {answer === '' && onAnswer === null && <p>{partText.approval.late}</p>}
      {answer !== '' && (
        <p data-testid="approval-answer">
          {answer === 'approved' ? partText.approval.approved : partText.approval.denied}
        </p>
      )}
    </Ask>
  );
}
