import { forgetStored } from '../../shared/lib/storage';

const mark = 'chatbot.signing-out';

/** Leaves by a real navigation: the server ends the session and says where to go. */
export function signOut(): void {
  try {
    sessionStorage.setItem(mark, '1');
  } catch {
    // Then drafts stay on this device.
  }
  window.location.assign('/chat-api/logout');
}

/** After signing out on purpose nothing of a person's words stays on the device. */
export function finishSignOut(): void {
  try {
    if (sessionStorage.getItem(mark) === null) return;
    sessionStorage.removeItem(mark);
  } catch {
    return;
  }
  forgetStored('draft.');
  forgetStored('unsaved.');
  forgetStored('feed.');
  forgetStored('fresh-chat');
}
