// What is on a phone: apps, and in each the ways to write to a seller.

export const APPS = [
  {
    id: "whatsapp", name: "WhatsApp", icon: "chat", title: "Chats", placeholder: "Message", longest: 4096,
    shares: ["photo", "location"],
    channels: [{ id: "whatsapp", note: "" }, { id: "whatsapp_twilio", note: "By way of Twilio" }],
  },
  {
    id: "instagram", name: "Instagram", icon: "camera", title: "Direct", placeholder: "Message…", longest: 1000,
    shares: ["photo", "story", "mention"],
    channels: [{ id: "instagram", note: "" }],
  },
  {
    id: "sms", name: "SMS", icon: "envelope", title: "Messages", placeholder: "Text", longest: 1600, shares: [], isPlain: true,
    channels: [{ id: "sms_twilio", note: "Carried by Twilio" }, { id: "sms_africastalking", note: "Carried by Africa's Talking" }],
  },
  {
    id: "ussd", name: "USSD", icon: "dial", title: "Dial", placeholder: "", longest: 160, shares: [], isPlain: true,
    channels: [{ id: "ussd_africastalking", note: "" }],
  },
];

export const CHANNELS = {
  whatsapp: "WhatsApp", whatsapp_twilio: "WhatsApp via Twilio", instagram: "Instagram", sms_twilio: "SMS via Twilio",
  sms_africastalking: "SMS via Africa's Talking", ussd_africastalking: "USSD via Africa's Talking",
};

export function appOf(channel) {
  return APPS.find((app) => app.channels.some(({ id }) => id === channel));
}

export function idsOf(app) {
  return app.channels.map(({ id }) => id);
}

const GSM = new Set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");
const DOUBLE = new Set("^{}\\[~]|€");

// How many parts a text goes in, and how much of the last one is still free.
export function countParts(text) {
  const letters = [...text];
  const isPlain = letters.every((letter) => GSM.has(letter) || DOUBLE.has(letter));
  const length = isPlain ? letters.reduce((sum, letter) => sum + (DOUBLE.has(letter) ? 2 : 1), 0) : text.length;
  const [alone, joined] = isPlain ? [160, 153] : [70, 67];
  const parts = length <= alone ? 1 : Math.ceil(length / joined);
  return { parts, left: (parts === 1 ? alone : parts * joined) - length };
}
