function ordinal(n: number): string {
  const teen = n % 100 >= 11 && n % 100 <= 13;
  const ending = teen ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
  return `${n}${ending}`;
}

/** "20 s", "5 min", "3 h 12 min": as exact as it matters. */
function about(seconds: number): string {
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "20 s", "2 min 5 s", "3 h 12 min": counted on screen. */
export function spell(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "0:09", "1:05", "3:12:00" */
export function clock(seconds: number): string {
  const pad = (n: number) => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}

/** Texts of waiting: they come with what shows them. */
export const waitingTexts = {
  calling: (tool: string) => `Calling ${tool}`,
  still: {
    server: (time: string) => `Still sending: ${time}, the server has not taken the message yet.`,
    model: (time: string) => `Still waiting: ${time}, the model has not answered yet.`,
    thought: (time: string) => `Still thinking: ${time}, and no word yet.`,
    tool: (time: string, tool: string) => `Still waiting: ${time}, ${tool} has not answered yet.`,
  },
  choice: 'Keep waiting, or',
  stop: 'stop',
  stopSpoken: 'You can keep waiting or stop.',
  place: (position: number) => (position === 1 ? 'Next in line' : `${ordinal(position)} in line`),
  placeAbout: (place: string, seconds: number) => `${place}, about ${about(seconds)}`,
  paused: (place: string) => `The model has asked for a pause. ${place}`,
  retry: (busy: boolean, seconds: number, next: number, all: number) =>
    `${busy ? 'The model is busy' : 'The model does not answer'}; trying again in ${seconds} s (${next} of ${all})`,
  retrying: (next: number, all: number) => `Trying again (${next} of ${all})…`,
  again: 'You can send again in ',
  againSpoken: (seconds: number) => `You can send again in ${about(seconds)}.`,
  now: 'You can send again.',
  lift: 'Do not wait',
};
