// Everything the phones show, kept in step with the stand-in by server-sent events.

const TYPING = 20_000;
const PAGE = crypto.randomUUID?.() ?? `page-${Math.random().toString(36).slice(2)}-${Date.now()}`;

export async function call(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new Error(typeof problem.detail === "string" ? problem.detail : `The stand-in answered ${answer.status}.`);
  }
  return answer.status === 204 ? null : answer.json();
}

export class Store extends EventTarget {
  sellers = [];
  shoppers = [];
  photos = [];
  connection = "connecting";
  #chats = new Map();
  #waiting = null;

  async start() {
    await this.#refresh();
    const events = new EventSource(`/phones/events?page=${PAGE}`);
    // The stream says hello when it (re)opens; whatever happened in between is in the state.
    events.addEventListener("hello", () => this.#reconnected());
    events.onmessage = (event) => this.#take(JSON.parse(event.data));
    events.onerror = () => this.#setConnection("lost");
  }

  chat(shopper, channel, seller) {
    const key = `${shopper}:${channel}:${seller}`;
    if (!this.#chats.has(key)) this.#chats.set(key, { shopper, channel, seller, unread: 0, typingUntil: 0, messages: new Map() });
    return this.#chats.get(key);
  }

  // A shopper's chats on one channel, with every seller who is there, the newest first.
  chatsOf(shopper, channel) {
    return this.sellers
      .filter((seller) => channel in seller.lines)
      .map((seller) => this.chat(shopper, channel, seller.id))
      .sort((one, other) => lastSeq(other) - lastSeq(one));
  }

  unreadOf(shopper, channels = null) {
    return [...this.#chats.values()]
      .filter((chat) => chat.shopper === shopper && (!channels || channels.includes(chat.channel)))
      .reduce((sum, chat) => sum + chat.unread, 0);
  }

  async send(shopper, channel, seller, message) {
    const sent = await call("POST", `/phones/${shopper}/chats/${seller}/messages?channel=${channel}`, message);
    this.#put(sent);
    return sent;
  }

  show(chats) {
    // A page that can't say what it shows only loses read receipts; the stream's state tells the person.
    return call("PUT", "/phones/screen", { page: PAGE, chats }).catch(() => {});
  }

  async #reconnected() {
    await this.#refresh();
    this.#setConnection("live");
    this.dispatchEvent(new Event("reconnected"));
  }

  async #refresh() {
    this.#waiting = [];
    try {
      const state = await call("GET", "/phones/state");
      Object.assign(this, { sellers: state.sellers, shoppers: state.shoppers, photos: state.photos });
      this.#chats.clear();
      for (const { shopper, channel, seller, unread, messages } of state.chats) {
        const chat = this.chat(shopper, channel, seller);
        chat.unread = unread;
        for (const message of messages) chat.messages.set(message.id, message);
      }
    } finally {
      const missed = this.#waiting;
      this.#waiting = null;
      for (const event of missed) this.#apply(event);
    }
    this.dispatchEvent(new Event("change"));
  }

  #take(event) {
    if (this.#waiting) this.#waiting.push(event);
    else this.#apply(event);
  }

  #apply(event) {
    if (event.kind === "message") {
      this.chat(event.message.shopper, event.message.channel, event.message.seller).unread = event.unread;
      this.#put(event.message);
    } else if (event.kind === "unread") {
      this.chat(event.shopper, event.channel, event.seller).unread = event.unread;
      this.#changed(event);
    } else if (event.kind === "typing") {
      this.chat(event.shopper, event.channel, event.seller).typingUntil = event.is_typing ? Date.now() + TYPING : 0;
      this.#changed(event);
      setTimeout(() => this.#changed(event), TYPING + 50);
    } else if (event.kind === "reset" || event.kind === "resync") {
      this.#refresh();
    }
  }

  #put(message) {
    const chat = this.chat(message.shopper, message.channel, message.seller);
    // The answer to a send and the stream race each other: the older news of a message is dropped.
    if (chat.messages.get(message.id)?.version > message.version) return;
    if (!message.by_shopper && !chat.messages.has(message.id)) chat.typingUntil = 0;
    chat.messages.set(message.id, message);
    this.#changed(message);
  }

  #changed({ shopper, seller }) {
    this.dispatchEvent(new CustomEvent("chat", { detail: { shopper, seller } }));
  }

  #setConnection(state) {
    this.connection = state;
    this.dispatchEvent(new Event("connection"));
  }
}

export function lastMessage(chat) {
  return [...chat.messages.values()].at(-1);
}

function lastSeq(chat) {
  return lastMessage(chat)?.seq ?? 0;
}
