import { ArrowUpRight } from 'lucide-react';

import { text } from '../../../shared/i18n/messages';
import { Button } from '../../../shared/ui/button';
import { Column, Suggestions, Title } from './chat-styles';

export function Welcome() {
  return (
    <Column data-testid="welcome-container">
      <Title id="page-title" tabIndex={-1} data-testid="welcome-message">
        {text.welcome.title}
      </Title>
    </Column>
  );
}

export function SuggestionList({
  suggestions,
  onChoose,
}: {
  suggestions: readonly string[];
  onChoose: (words: string) => void;
}) {
  return (
    <Suggestions aria-label={text.welcome.suggestions} data-testid="suggestion-buttons">
      {suggestions.map((words) => (
        <li key={words}>
          <Button
            type="button"
            data-testid="suggestion-button"
            onClick={() => {
              onChoose(words);
            }}
          >
            {words}
            <ArrowUpRight size={16} aria-hidden />
          </Button>
        </li>
      ))}
    </Suggestions>
  );
}
