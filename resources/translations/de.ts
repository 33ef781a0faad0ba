<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name></name>
    <message>
        <source>Other programs on this computer can use the model through OpenAI&apos;s API. They need the key, and nobody else is answered, unless you change that here.</source>
        <translation>Andere Programme auf diesem Computer können das Modell über die API von OpenAI benutzen. Sie brauchen den Schlüssel, und sonst bekommt niemand Antwort, außer Sie ändern das hier.</translation>
    </message>
    <message>
        <source>Local API</source>
        <translation>Lokale API</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>Aus</translation>
    </message>
    <message>
        <source>Turning on. Your keyring may ask you to unlock it.</source>
        <translation>Wird eingeschaltet. Ihr Schlüsselbund fragt womöglich nach dem Passwort.</translation>
    </message>
    <message>
        <source>Turning off.</source>
        <translation>Wird ausgeschaltet.</translation>
    </message>
    <message>
        <source>On for the network</source>
        <translation>An, auch für das Netzwerk</translation>
    </message>
    <message>
        <source>On</source>
        <translation>An</translation>
    </message>
    <message>
        <source>On without a key</source>
        <translation>An, ohne Schlüssel</translation>
    </message>
    <message>
        <source>No requests so far</source>
        <translation>Noch keine Anfragen</translation>
    </message>
    <message>
        <source>Requests so far: {count}</source>
        <translation>Anfragen bisher: {count}</translation>
    </message>
    <message>
        <source>Copy the address</source>
        <translation>Adresse kopieren</translation>
    </message>
    <message>
        <source>Copy the key</source>
        <translation>Schlüssel kopieren</translation>
    </message>
    <message>
        <source>Copy the {name} example with the key</source>
        <translation>Das Beispiel für {name} mit dem Schlüssel kopieren</translation>
    </message>
    <message>
        <source>New key…</source>
        <translation>Neuer Schlüssel …</translation>
    </message>
    <message>
        <source>New key</source>
        <translation>Neuer Schlüssel</translation>
    </message>
    <message>
        <source>Open the web chat</source>
        <translation>Chat im Browser öffnen</translation>
    </message>
    <message>
        <source>Make a new key? Programs that use the old one will be refused.</source>
        <translation>Einen neuen Schlüssel erzeugen? Programme mit dem alten werden dann abgewiesen.</translation>
    </message>
    <message>
        <source>Only this computer is answered</source>
        <translation>Nur dieser Computer bekommt Antwort</translation>
    </message>
    <message>
        <source>Other machines here are answered too</source>
        <translation>Auch andere Geräte hier bekommen Antwort</translation>
    </message>
    <message>
        <source>Every program needs the key</source>
        <translation>Jedes Programm braucht den Schlüssel</translation>
    </message>
    <message>
        <source>Any program on this computer is answered</source>
        <translation>Jedes Programm auf diesem Computer bekommt Antwort</translation>
    </message>
    <message>
        <source>Turn off the network first</source>
        <translation>Schalten Sie zuerst das Netzwerk aus</translation>
    </message>
    <message>
        <source>Not while programs need no key</source>
        <translation>Nicht, solange Programme keinen Schlüssel brauchen</translation>
    </message>
    <message>
        <source>Every program on this computer could use the model, and so could its other users. Web pages are still refused. Answer without a key?</source>
        <translation>Jedes Programm auf diesem Computer könnte das Modell benutzen, auch die der anderen Benutzer. Webseiten werden weiterhin abgewiesen. Ohne Schlüssel antworten?</translation>
    </message>
    <message>
        <source>None. Let one in by its origin, such as https://app.example</source>
        <translation>Keine. Lassen Sie eine durch ihren Ursprung zu, etwa https://app.example</translation>
    </message>
    <message>
        <source>None. For containers, such as host.docker.internal</source>
        <translation>Keine. Für Container, zum Beispiel host.docker.internal</translation>
    </message>
    <message>
        <source>Answer the network</source>
        <translation>Dem Netzwerk antworten</translation>
    </message>
    <message>
        <source>Answer without a key</source>
        <translation>Ohne Schlüssel antworten</translation>
    </message>
    <message>
        <source>Web pages</source>
        <translation>Webseiten</translation>
    </message>
    <message>
        <source>Host names</source>
        <translation>Hostnamen</translation>
    </message>
    <message>
        <source>No key</source>
        <translation>Kein Schlüssel</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netzwerk</translation>
    </message>
    <message>
        <source>Whoever has the key can ask at {network_url}. Nothing is encrypted there.</source>
        <translation>Wer den Schlüssel hat, kann unter {network_url} fragen. Dort ist nichts verschlüsselt.</translation>
    </message>
    <message>
        <source>The API could not be turned on: {error}.</source>
        <translation>Die API konnte nicht eingeschaltet werden: {error}.</translation>
    </message>
    <message>
        <source>{error} This key works until Hearth is closed.</source>
        <translation>{error} Dieser Schlüssel gilt, bis Hearth geschlossen wird.</translation>
    </message>
    <message>
        <source>Hearth cannot keep its files in {folder}: {reason}.</source>
        <translation>Hearth kann seine Dateien nicht in {folder} ablegen: {reason}.</translation>
    </message>
    <message>
        <source>The conversations are written anew…</source>
        <translation>Die Unterhaltungen werden neu geschrieben …</translation>
    </message>
    <message>
        <source>Remove {name}</source>
        <translation>{name} entfernen</translation>
    </message>
    <message>
        <source>{name} is larger than {limit} MB.</source>
        <translation>{name} ist größer als {limit} MB.</translation>
    </message>
    <message>
        <source>{name} cannot be read: {strerror}.</source>
        <translation>{name} kann nicht gelesen werden: {strerror}.</translation>
    </message>
    <message>
        <source>There is no text in {name}.</source>
        <translation>In {name} steht kein Text.</translation>
    </message>
    <message>
        <source>{name} is no text: Hearth reads text, source code, CSV, PDF and DOCX.</source>
        <translation>{name} ist kein Text: Hearth liest Text, Quellcode, CSV, PDF und DOCX.</translation>
    </message>
    <message>
        <source>{name} is in an encoding that Hearth does not know.</source>
        <translation>Hearth kennt die Zeichenkodierung von {name} nicht.</translation>
    </message>
    <message>
        <source>{name} is locked with a password.</source>
        <translation>{name} ist mit einem Passwort gesperrt.</translation>
    </message>
    <message>
        <source>{name} is damaged, or no PDF.</source>
        <translation>{name} ist beschädigt oder kein PDF.</translation>
    </message>
    <message>
        <source>{name} holds pictures of pages only, which Hearth cannot read.</source>
        <translation>{name} enthält nur Bilder von Seiten, die Hearth nicht lesen kann.</translation>
    </message>
    <message>
        <source>{name} is damaged, or no Word document.</source>
        <translation>{name} ist beschädigt oder kein Word-Dokument.</translation>
    </message>
    <message>
        <source>Answer: {told}</source>
        <translation>Antwort: {told}</translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation>Dateien anhängen</translation>
    </message>
    <message>
        <source>{name} has {tokens} tokens, and the model reads {room} in all. Attach a part of it.</source>
        <translation>{name} hat {tokens} Token, und das Modell liest insgesamt {room}. Hängen Sie einen Teil davon an.</translation>
    </message>
    <message>
        <source>Copy the question</source>
        <translation>Frage kopieren</translation>
    </message>
    <message>
        <source>Copy the answer</source>
        <translation>Antwort kopieren</translation>
    </message>
    <message>
        <source>Edit the question</source>
        <translation>Frage bearbeiten</translation>
    </message>
    <message>
        <source>Answer again</source>
        <translation>Neu antworten</translation>
    </message>
    <message>
        <source>The version before</source>
        <translation>Vorige Fassung</translation>
    </message>
    <message>
        <source>Version {version} of {versions}</source>
        <translation>Fassung {version} von {versions}</translation>
    </message>
    <message>
        <source>The version after</source>
        <translation>Nächste Fassung</translation>
    </message>
    <message>
        <source>Copy the code</source>
        <translation>Code kopieren</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>Nachricht</translation>
    </message>
    <message>
        <source>Return sends, Shift and Return break the line.</source>
        <translation>Die Eingabetaste sendet, mit Umschalt beginnt sie eine neue Zeile.</translation>
    </message>
    <message>
        <source>Ask anything</source>
        <translation>Fragen Sie etwas</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Senden</translation>
    </message>
    <message>
        <source>Answer now</source>
        <translation>Jetzt antworten</translation>
    </message>
    <message>
        <source>Let the model end its thoughts and answer</source>
        <translation>Das Modell soll aufhören nachzudenken und antworten</translation>
    </message>
    <message>
        <source>Attach a file</source>
        <translation>Datei anhängen</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>This conversation fills {share} of what the model can read. When it is full, the oldest messages are left out, and a line will say from where on.</source>
        <translation>Diese Unterhaltung füllt {share} dessen, was das Modell lesen kann. Wird es zu viel, bleiben die ältesten Nachrichten außen vor, und eine Zeile sagt, ab wo.</translation>
    </message>
    <message>
        <source>The answer is there.</source>
        <translation>Die Antwort ist da.</translation>
    </message>
    <message>
        <source>Answering…</source>
        <translation>Antwortet …</translation>
    </message>
    <message>
        <source>{tokens} a second</source>
        <translation>{tokens} pro Sekunde</translation>
    </message>
    <message>
        <source>the first after {seconds} s</source>
        <translation>das erste nach {seconds} s</translation>
    </message>
    <message>
        <source>{tokens} tokens of thought</source>
        <translation>{tokens} Token nachgedacht</translation>
    </message>
    <message>
        <source>{tokens} of answer</source>
        <translation>{tokens} geantwortet</translation>
    </message>
    <message>
        <source>{tokens} tokens</source>
        <translation>{tokens} Token</translation>
    </message>
    <message>
        <source>Open link</source>
        <translation>Link öffnen</translation>
    </message>
    <message>
        <source>Open this link outside Hearth?</source>
        <translation>Diesen Link außerhalb von Hearth öffnen?</translation>
    </message>
    <message>
        <source>Think briefly</source>
        <translation>Kurz nachdenken</translation>
    </message>
    <message>
        <source>Think</source>
        <translation>Nachdenken</translation>
    </message>
    <message>
        <source>Think long</source>
        <translation>Lange nachdenken</translation>
    </message>
    <message>
        <source>How to answer</source>
        <translation>Wie geantwortet wird</translation>
    </message>
    <message>
        <source>Instructions and sampling…</source>
        <translation>Anweisungen und Sampling …</translation>
    </message>
    <message>
        <source>Tools: a calculator and the clock, for models that think</source>
        <translation>Werkzeuge: Taschenrechner und Uhr, für Modelle, die nachdenken</translation>
    </message>
    <message>
        <source>with instructions</source>
        <translation>mit Anweisungen</translation>
    </message>
    <message>
        <source>Instructions</source>
        <translation>Anweisungen</translation>
    </message>
    <message>
        <source>For example: Answer in short sentences, in German.</source>
        <translation>Zum Beispiel: Antworte in kurzen Sätzen, auf Deutsch.</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>Werkzeuge</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>Temperatur</translation>
    </message>
    <message>
        <source>Top p</source>
        <translation>Top p</translation>
    </message>
    <message>
        <source>What the model is told before this conversation.</source>
        <translation>Was dem Modell vor dieser Unterhaltung gesagt wird.</translation>
    </message>
    <message>
        <source>Sampling</source>
        <translation>Sampling</translation>
    </message>
    <message>
        <source>Left alone, the model&apos;s own: what its makers recommend.</source>
        <translation>Ohne Angabe gilt, was die Hersteller des Modells empfehlen.</translation>
    </message>
    <message>
        <source>{name}, the value</source>
        <translation>{name}, der Wert</translation>
    </message>
    <message>
        <source>Find a model that fits this machine</source>
        <translation>Ein Modell finden, das zu diesem Computer passt</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Cancel editing</source>
        <translation>Bearbeiten abbrechen</translation>
    </message>
    <message>
        <source>You are editing an earlier question. What followed it is kept.</source>
        <translation>Sie bearbeiten eine frühere Frage. Was darauf folgte, bleibt erhalten.</translation>
    </message>
    <message>
        <source>What is on your mind?</source>
        <translation>Was beschäftigt Sie?</translation>
    </message>
    <message>
        <source>Preset</source>
        <translation>Vorlage</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Delete the preset</source>
        <translation>Vorlage löschen</translation>
    </message>
    <message>
        <source>Save as…</source>
        <translation>Speichern als …</translation>
    </message>
    <message>
        <source>Save as a preset</source>
        <translation>Als Vorlage speichern</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
    <message>
        <source>Its name</source>
        <translation>Ihr Name</translation>
    </message>
    <message>
        <source>Thinking…</source>
        <translation>Denkt nach …</translation>
    </message>
    <message>
        <source>Thoughts</source>
        <translation>Gedanken</translation>
    </message>
    <message>
        <source>Thought for a moment</source>
        <translation>Einen Moment nachgedacht</translation>
    </message>
    <message>
        <source>Thought for {minutes} min {seconds} s</source>
        <translation>{minutes} min {seconds} s nachgedacht</translation>
    </message>
    <message>
        <source>Thought for {seconds} s</source>
        <translation>{seconds} s nachgedacht</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>Unterhaltung</translation>
    </message>
    <message>
        <source>Show {count} earlier messages</source>
        <translation>{count} frühere Nachrichten zeigen</translation>
    </message>
    <message>
        <source>Waiting for the model, which is loading…</source>
        <translation>Wartet auf das Modell, das noch lädt …</translation>
    </message>
    <message>
        <source>Waiting for the model…</source>
        <translation>Wartet auf das Modell …</translation>
    </message>
    <message>
        <source>Reading the conversation…</source>
        <translation>Liest die Unterhaltung …</translation>
    </message>
    <message>
        <source>Reading the conversation, {done} of {total} tokens…</source>
        <translation>Liest die Unterhaltung, {done} von {total} Token …</translation>
    </message>
    <message>
        <source>You stopped this answer.</source>
        <translation>Sie haben diese Antwort angehalten.</translation>
    </message>
    <message>
        <source>The answer ends here because the model&apos;s context is full. Go on, and the oldest messages are left out, or start a new chat.</source>
        <translation>Die Antwort endet hier, weil der Kontext des Modells voll ist. Schreiben Sie weiter, dann bleiben die ältesten Nachrichten außen vor, oder beginnen Sie einen neuen Chat.</translation>
    </message>
    <message>
        <source>The answer was stopped because it repeated itself.</source>
        <translation>Die Antwort wurde angehalten, weil sie sich wiederholte.</translation>
    </message>
    <message>
        <source>Hearth was closed before this answer was finished.</source>
        <translation>Hearth wurde geschlossen, bevor diese Antwort fertig war.</translation>
    </message>
    <message>
        <source>The model no longer reads what is above this line: its context is full.</source>
        <translation>Was über dieser Zeile steht, liest das Modell nicht mehr: Sein Kontext ist voll.</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>Auf diesem Computer</translation>
    </message>
    <message>
        <source>On other machines: what you write leaves this computer</source>
        <translation>Auf anderen Geräten: Was Sie schreiben, verlässt diesen Computer</translation>
    </message>
    <message>
        <source>No model is installed</source>
        <translation>Kein Modell ist installiert</translation>
    </message>
    <message>
        <source>Get and manage models…</source>
        <translation>Modelle holen und verwalten …</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>Modell wählen</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Loading {name}…</source>
        <translation>{name} lädt …</translation>
    </message>
    <message>
        <source>Model: {text}</source>
        <translation>Modell: {text}</translation>
    </message>
    <message>
        <source>Choose a model ({shortcut})</source>
        <translation>Modell wählen ({shortcut})</translation>
    </message>
    <message>
        <source>{name}, on {host}</source>
        <translation>{name}, auf {host}</translation>
    </message>
    <message>
        <source>{name}, {gigabytes} GB</source>
        <translation>{name}, {gigabytes} GB</translation>
    </message>
    <message>
        <source>When</source>
        <translation>Wann</translation>
    </message>
    <message>
        <source>To</source>
        <translation>Wohin</translation>
    </message>
    <message>
        <source>For</source>
        <translation>Wozu</translation>
    </message>
    <message>
        <source>Hearth connects to another machine only when you ask it to: to get a model, or to ask one that runs elsewhere. Each time is written down here before it happens. Offline, none happens.</source>
        <translation>Hearth verbindet sich nur mit anderen Rechnern, wenn Sie es verlangen: um ein Modell zu holen oder eines zu fragen, das anderswo läuft. Jedes Mal wird hier vermerkt, bevor es geschieht. Offline geschieht es nie.</translation>
    </message>
    <message>
        <source>No connection was ever made.</source>
        <translation>Noch nie wurde eine Verbindung hergestellt.</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>Verbindungen</translation>
    </message>
    <message>
        <source>Offline</source>
        <translation>Offline</translation>
    </message>
    <message>
        <source>Connections, the newest first</source>
        <translation>Verbindungen, die neuesten zuerst</translation>
    </message>
    <message>
        <source>Copy all</source>
        <translation>Alles kopieren</translation>
    </message>
    <message>
        <source>{count} in all</source>
        <translation>{count} insgesamt</translation>
    </message>
    <message>
        <source>The conversations cannot be read or written: {error}.</source>
        <translation>Die Unterhaltungen können nicht gelesen oder geschrieben werden: {error}.</translation>
    </message>
    <message>
        <source>You</source>
        <translation>Sie</translation>
    </message>
    <message>
        <source>Assistant</source>
        <translation>Assistent</translation>
    </message>
    <message>
        <source>{name} holds no conversations that Hearth can read: it takes its own JSON, and the conversations.json of a ChatGPT export.</source>
        <translation>{name} enthält keine Unterhaltungen, die Hearth lesen kann: Es nimmt sein eigenes JSON und die conversations.json eines ChatGPT-Exports.</translation>
    </message>
    <message>
        <source>Attached: {name}</source>
        <translation>Anhang: {name}</translation>
    </message>
    <message>
        <source>This file was written by a newer version of Hearth.</source>
        <translation>Diese Datei stammt von einer neueren Version von Hearth.</translation>
    </message>
    <message>
        <source>{path} cannot be written: {strerror}.</source>
        <translation>{path} kann nicht geschrieben werden: {strerror}.</translation>
    </message>
    <message>
        <source>Exported to {path}.</source>
        <translation>Exportiert nach {path}.</translation>
    </message>
    <message>
        <source>Export the conversation</source>
        <translation>Unterhaltung exportieren</translation>
    </message>
    <message>
        <source>Exported to {path}: {count}.</source>
        <translation>Exportiert nach {path}: {count}.</translation>
    </message>
    <message>
        <source>Export all conversations</source>
        <translation>Alle Unterhaltungen exportieren</translation>
    </message>
    <message>
        <source>Import conversations</source>
        <translation>Unterhaltungen importieren</translation>
    </message>
    <message>
        <source>Imported from {name}: {count}.</source>
        <translation>Importiert aus {name}: {count}.</translation>
    </message>
    <message>
        <source>one conversation</source>
        <translation>eine Unterhaltung</translation>
    </message>
    <message>
        <source>{count} conversations</source>
        <translation>{count} Unterhaltungen</translation>
    </message>
    <message>
        <source>Your conversations were written by a newer version of Hearth. Install that version to open them.</source>
        <translation>Ihre Unterhaltungen stammen von einer neueren Version von Hearth. Installieren Sie diese, um sie zu öffnen.</translation>
    </message>
    <message>
        <source>No conversation has these words.</source>
        <translation>In keiner Unterhaltung stehen diese Wörter.</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>Unterhaltungen</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Umbenennen</translation>
    </message>
    <message>
        <source>Unpin</source>
        <translation>Nicht mehr anheften</translation>
    </message>
    <message>
        <source>Pin to the top</source>
        <translation>Oben anheften</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>As Markdown…</source>
        <translation>Als Markdown …</translation>
    </message>
    <message>
        <source>As JSON…</source>
        <translation>Als JSON …</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Undo the deletion</source>
        <translation>Löschen rückgängig machen</translation>
    </message>
    <message>
        <source>Deleted “{title}”</source>
        <translation>„{title}“ gelöscht</translation>
    </message>
    <message>
        <source>Search the conversations</source>
        <translation>Unterhaltungen durchsuchen</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Clear the search</source>
        <translation>Suche leeren</translation>
    </message>
    <message>
        <source>More about conversations</source>
        <translation>Mehr zu Unterhaltungen</translation>
    </message>
    <message>
        <source>Import conversations…</source>
        <translation>Unterhaltungen importieren …</translation>
    </message>
    <message>
        <source>Export all…</source>
        <translation>Alle exportieren …</translation>
    </message>
    <message>
        <source>{name} · {tokens} tokens</source>
        <translation>{name} · {tokens} Token</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>Titel</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Preferences</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Give its memory back</source>
        <translation>Speicher freigeben</translation>
    </message>
    <message>
        <source>Titles by the model</source>
        <translation>Titel vom Modell</translation>
    </message>
    <message>
        <source>gpt-oss names a new conversation after its first answer, while nobody asks.</source>
        <translation>gpt-oss benennt eine neue Unterhaltung nach der ersten Antwort, solange niemand fragt.</translation>
    </message>
    <message>
        <source>Turn it on whenever Hearth starts.</source>
        <translation>Bei jedem Start von Hearth einschalten.</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>Stay in the tray</source>
        <translation>Im Infobereich bleiben</translation>
    </message>
    <message>
        <source>Closing the window leaves Hearth running, so that the API goes on answering.</source>
        <translation>Ist das Fenster zu, läuft Hearth weiter, damit die API weiter antwortet.</translation>
    </message>
    <message>
        <source>This desktop has no tray.</source>
        <translation>Diese Oberfläche hat keinen Infobereich.</translation>
    </message>
    <message>
        <source>Notifications</source>
        <translation>Benachrichtigungen</translation>
    </message>
    <message>
        <source>When a model has arrived, or a long answer, while you look elsewhere.</source>
        <translation>Wenn ein Modell oder eine lange Antwort fertig ist, während Sie anderswo sind.</translation>
    </message>
    <message>
        <source>Encrypt them on the disk</source>
        <translation>Auf der Festplatte verschlüsseln</translation>
    </message>
    <message>
        <source>With a key in your keyring. Their titles, texts and attachments.</source>
        <translation>Mit einem Schlüssel in Ihrem Schlüsselbund. Titel, Texte und Anhänge.</translation>
    </message>
    <message>
        <source>Never</source>
        <translation>Nie</translation>
    </message>
    <message>
        <source>After {minutes} minutes at rest</source>
        <translation>Nach {minutes} Minuten Ruhe</translation>
    </message>
    <message>
        <source>Something went wrong inside Hearth: {what}. The details are in {log_file}.</source>
        <translation>In Hearth ist etwas schiefgegangen: {what}. Die Einzelheiten stehen in {log_file}.</translation>
    </message>
    <message>
        <source>This is what Hearth knows about it. It stays on this computer; if you ask for help, you may copy it. It holds the names of files and folders, and none of your conversations.</source>
        <translation>Das ist, was Hearth darüber weiß. Es bleibt auf diesem Computer; wenn Sie um Hilfe bitten, können Sie es kopieren. Es enthält Namen von Dateien und Ordnern, aber keine Ihrer Unterhaltungen.</translation>
    </message>
    <message>
        <source>What went wrong</source>
        <translation>Was schiefging</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Hearth ended unexpectedly the last time. What you saw is kept.</source>
        <translation>Hearth wurde beim letzten Mal unerwartet beendet. Was Sie gesehen haben, ist erhalten.</translation>
    </message>
    <message>
        <source>An answer is on its way. Wait for it or stop it, and then choose again.</source>
        <translation>Eine Antwort ist unterwegs. Warten Sie sie ab oder halten Sie sie an, und wählen Sie dann noch einmal.</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Einzelheiten</translation>
    </message>
    <message>
        <source>The model is loading. You can write already.</source>
        <translation>Das Modell lädt. Sie können schon schreiben.</translation>
    </message>
    <message>
        <source>The model could not be loaded. {error}</source>
        <translation>Das Modell konnte nicht geladen werden. {error}</translation>
    </message>
    <message>
        <source>{name} answers on this computer. Nothing you write leaves it.</source>
        <translation>{name} antwortet auf diesem Computer. Nichts, was Sie schreiben, verlässt ihn.</translation>
    </message>
    <message>
        <source>{model} answers on {device}. What you write leaves this computer.</source>
        <translation>{model} antwortet auf {device}. Was Sie schreiben, verlässt diesen Computer.</translation>
    </message>
    <message>
        <source>There is no model yet. “Choose a model” above gets OpenAI&apos;s; “make run” in a terminal fetches the small starter. A model of your own is a folder in ONNX Runtime GenAI&apos;s layout (genai_config.json, model.onnx, tokenizer.json) inside {models}.</source>
        <translation>Es gibt noch kein Modell. „Modell wählen“ oben holt die von OpenAI; „make run“ in einem Terminal holt das kleine Startmodell. Ein eigenes Modell ist ein Ordner im Aufbau von ONNX Runtime GenAI (genai_config.json, model.onnx, tokenizer.json) in {models}.</translation>
    </message>
    <message>
        <source>Local API is on</source>
        <translation>Lokale API ist an</translation>
    </message>
    <message>
        <source>Connections: offline</source>
        <translation>Verbindungen: offline</translation>
    </message>
    <message>
        <source>New chat (Ctrl+N)</source>
        <translation>Neuer Chat (Strg+N)</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>Neuer Chat</translation>
    </message>
    <message>
        <source>Preferences (Ctrl+,)</source>
        <translation>Einstellungen (Strg+,)</translation>
    </message>
    <message>
        <source>{share} of the context used</source>
        <translation>{share} des Kontexts benutzt</translation>
    </message>
    <message>
        <source>{model} rests; your next question wakes it.</source>
        <translation>{model} ruht; Ihre nächste Frage weckt es.</translation>
    </message>
    <message>
        <source>{model} on {device}: {reason}</source>
        <translation>{model} auf {device}: {reason}</translation>
    </message>
    <message>
        <source>Loading {model_id}…</source>
        <translation>{model_id} lädt …</translation>
    </message>
    <message>
        <source>the CPU</source>
        <translation>der CPU</translation>
    </message>
    <message>
        <source>the NVIDIA GPU</source>
        <translation>der NVIDIA-GPU</translation>
    </message>
    <message>
        <source>it was converted for it.</source>
        <translation>dafür wurde es umgewandelt.</translation>
    </message>
    <message>
        <source>you have chosen it.</source>
        <translation>Sie haben das gewählt.</translation>
    </message>
    <message>
        <source>No model is loaded.</source>
        <translation>Kein Modell ist geladen.</translation>
    </message>
    <message>
        <source>Everybody in this network who has the key could ask, and whoever listens in the network could read the key and all that is said: nothing is encrypted. Answer the network all the same?</source>
        <translation>Jeder in diesem Netzwerk, der den Schlüssel hat, könnte fragen, und wer im Netzwerk mithört, könnte den Schlüssel und alles Gesagte lesen: Nichts ist verschlüsselt. Dem Netzwerk trotzdem antworten?</translation>
    </message>
    <message>
        <source>It takes {need} of memory, and there are {has}.</source>
        <translation>Es braucht {need} Speicher, vorhanden sind {has}.</translation>
    </message>
    <message>
        <source>It takes {need} of memory on {chip}, and there are {has}.</source>
        <translation>Es braucht {need} Speicher auf {chip}, vorhanden sind {has}.</translation>
    </message>
    <message>
        <source>It takes {need} of memory on {chip}, which may take {has} of the computer&apos;s.</source>
        <translation>Es braucht {need} Speicher auf {chip}, der {has} des Computers nehmen darf.</translation>
    </message>
    <message>
        <source>It takes {need} of an NVIDIA GPU&apos;s memory, and there is none.</source>
        <translation>Es braucht {need} Speicher einer NVIDIA-GPU, und es gibt keine.</translation>
    </message>
    <message>
        <source>Getting it takes {need} of disk, and {has} are free.</source>
        <translation>Es zu holen braucht {need} auf der Festplatte, und {has} sind frei.</translation>
    </message>
    <message>
        <source>{tokens} tokens of context used</source>
        <translation>{tokens} Token Kontext benutzt</translation>
    </message>
    <message>
        <source>{speed} tokens per second · {context}</source>
        <translation>{speed} Token pro Sekunde · {context}</translation>
    </message>
    <message>
        <source>{tokens} of {length} tokens of context used</source>
        <translation>{tokens} von {length} Token Kontext benutzt</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Show Hearth</source>
        <translation>Hearth zeigen</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Another program has the conversations open.</source>
        <translation>Ein anderes Programm hat die Unterhaltungen geöffnet.</translation>
    </message>
    <message>
        <source>The new file of conversations is not as the old one.</source>
        <translation>Die neue Datei der Unterhaltungen gleicht der alten nicht.</translation>
    </message>
    <message>
        <source>The conversations are as they were: {error}.</source>
        <translation>Die Unterhaltungen sind, wie sie waren: {error}.</translation>
    </message>
    <message>
        <source>Encrypt all conversations? Their key is kept in your keyring. Who takes the disk, a copy or a backup of it reads nothing; who uses your computer while you are logged in does. What was written until now may linger in free parts of the disk and in old backups. The window closes for a moment.</source>
        <translation>Alle Unterhaltungen verschlüsseln? Der Schlüssel kommt in Ihren Schlüsselbund. Wer die Festplatte, eine Kopie oder ein Backup davon nimmt, liest nichts; wer Ihren Computer benutzt, während Sie angemeldet sind, schon. Was bisher geschrieben wurde, kann in freien Bereichen der Festplatte und in alten Backups noch vorhanden sein. Das Fenster schließt sich kurz.</translation>
    </message>
    <message>
        <source>Store all conversations without encryption again? Whoever can read your disk can then read them. The window closes for a moment.</source>
        <translation>Alle Unterhaltungen wieder unverschlüsselt speichern? Wer Ihre Festplatte lesen kann, kann dann auch sie lesen. Das Fenster schließt sich kurz.</translation>
    </message>
    <message>
        <source>If your keyring is ever lost, only this key opens your conversations. Keep it where you keep passwords; Hearth does not show it again.</source>
        <translation>Falls Ihr Schlüsselbund verloren geht, öffnet nur dieser Schlüssel Ihre Unterhaltungen. Bewahren Sie ihn bei Ihren Passwörtern auf; Hearth zeigt ihn nicht noch einmal.</translation>
    </message>
    <message>
        <source>Your conversations are encrypted, or their file is damaged, and their key is not in your keyring. Enter the key that you kept when you encrypted them.</source>
        <translation>Ihre Unterhaltungen sind verschlüsselt, oder ihre Datei ist beschädigt, und der Schlüssel ist nicht in Ihrem Schlüsselbund. Geben Sie den Schlüssel ein, den Sie beim Verschlüsseln aufbewahrt haben.</translation>
    </message>
    <message>
        <source>This key does not open them.</source>
        <translation>Dieser Schlüssel öffnet sie nicht.</translation>
    </message>
    <message>
        <source>Your key</source>
        <translation>Ihr Schlüssel</translation>
    </message>
    <message>
        <source>Your conversations are encrypted</source>
        <translation>Ihre Unterhaltungen sind verschlüsselt</translation>
    </message>
    <message>
        <source>I have kept it</source>
        <translation>Ich habe ihn aufbewahrt</translation>
    </message>
    <message>
        <source>It runs on {device}: {reason}</source>
        <translation>Läuft auf {device}: {reason}</translation>
    </message>
    <message>
        <source>Use {name} where it is, or copy it to the other models? A copy can be checked later.</source>
        <translation>{name} dort benutzen, wo es ist, oder zu den anderen Modellen kopieren? Eine Kopie kann später geprüft werden.</translation>
    </message>
    <message>
        <source>{name} holds weights that must be converted before they can run here. That takes a while and as much disk as they do; they stay as they are. Convert them?</source>
        <translation>{name} enthält Gewichte, die erst umgewandelt werden müssen. Das dauert eine Weile und braucht so viel Platz wie sie selbst; sie bleiben, wie sie sind. Umwandeln?</translation>
    </message>
    <message>
        <source>Add a model</source>
        <translation>Modell hinzufügen</translation>
    </message>
    <message>
        <source>Convert</source>
        <translation>Umwandeln</translation>
    </message>
    <message>
        <source>Use it there</source>
        <translation>Dort benutzen</translation>
    </message>
    <message>
        <source>Copy it</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Models are fetched once, checked byte for byte, and then run without a network. What is interrupted goes on where it was, after a restart too.</source>
        <translation>Modelle werden einmal geholt, Byte für Byte geprüft und laufen dann ohne Netz. Was unterbrochen wird, geht dort weiter, wo es war, auch nach einem Neustart.</translation>
    </message>
    <message>
        <source>A model is on its way or being worked on. Wait for it, or give it up first.</source>
        <translation>Ein Modell ist unterwegs oder in Arbeit. Warten Sie darauf oder brechen Sie es zuerst ab.</translation>
    </message>
    <message>
        <source>At work</source>
        <translation>In Arbeit</translation>
    </message>
    <message>
        <source>On the way</source>
        <translation>Unterwegs</translation>
    </message>
    <message>
        <source>To be had</source>
        <translation>Zu haben</translation>
    </message>
    <message>
        <source>Repair</source>
        <translation>Reparieren</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>Prüfen</translation>
    </message>
    <message>
        <source>answers now</source>
        <translation>antwortet gerade</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal</translation>
    </message>
    <message>
        <source>Give up</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Get</source>
        <translation>Holen</translation>
    </message>
    <message>
        <source>{name}: {verdict} Get it all the same?</source>
        <translation>{name}: {verdict} Trotzdem holen?</translation>
    </message>
    <message>
        <source>Delete {name}? It can be fetched again.</source>
        <translation>{name} löschen? Es kann wieder geholt werden.</translation>
    </message>
    <message>
        <source>Add a folder…</source>
        <translation>Ordner hinzufügen …</translation>
    </message>
    <message>
        <source>Add a model from a folder</source>
        <translation>Modell aus einem Ordner hinzufügen</translation>
    </message>
    <message>
        <source>Models are kept in {folder}</source>
        <translation>Modelle liegen in {folder}</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>Ändern …</translation>
    </message>
    <message>
        <source>Change where models are kept</source>
        <translation>Ändern, wo Modelle liegen</translation>
    </message>
    <message>
        <source>Where models are kept</source>
        <translation>Wo Modelle liegen</translation>
    </message>
    <message>
        <source>{folder} cannot be written.</source>
        <translation>In {folder} kann nicht geschrieben werden.</translation>
    </message>
    <message>
        <source>Progress of {name}</source>
        <translation>Fortschritt von {name}</translation>
    </message>
    <message>
        <source>{name} is listed no more. Its folder stays: {path}.</source>
        <translation>{name} wird nicht mehr aufgeführt. Der Ordner bleibt: {path}.</translation>
    </message>
    <message>
        <source>{name} is deleted: {gigabytes} GB are free again.</source>
        <translation>{name} ist gelöscht: {gigabytes} GB sind wieder frei.</translation>
    </message>
    <message>
        <source>{name} is given up: {gigabytes} GB are free again.</source>
        <translation>{name} ist abgebrochen: {gigabytes} GB sind wieder frei.</translation>
    </message>
    <message>
        <source>{name} is gone already.</source>
        <translation>{name} ist schon weg.</translation>
    </message>
    <message>
        <source>Models could not be got: {error}.</source>
        <translation>Modelle konnten nicht geholt werden: {error}.</translation>
    </message>
    <message>
        <source>{name} is ready. Choose it above the chat.</source>
        <translation>{name} ist bereit. Wählen Sie es über dem Chat.</translation>
    </message>
    <message>
        <source>Checking {name}</source>
        <translation>{name} wird geprüft</translation>
    </message>
    <message>
        <source>Repairing {name}</source>
        <translation>{name} wird repariert</translation>
    </message>
    <message>
        <source>Adding {name}</source>
        <translation>{name} wird hinzugefügt</translation>
    </message>
    <message>
        <source>One thing after the other: {title} comes first.</source>
        <translation>Eins nach dem anderen: {title}.</translation>
    </message>
    <message>
        <source>{title}: cancelled.</source>
        <translation>{title}: abgebrochen.</translation>
    </message>
    <message>
        <source>{title} failed: {error}.</source>
        <translation>{title}: gescheitert: {error}.</translation>
    </message>
    <message>
        <source>{name} is damaged: {files}.</source>
        <translation>{name} ist beschädigt: {files}.</translation>
    </message>
    <message>
        <source>{name} is whole: every byte is as it should be.</source>
        <translation>{name} ist heil: Jedes Byte ist, wie es sein soll.</translation>
    </message>
    <message>
        <source>{name} is whole again.</source>
        <translation>{name} ist wieder heil.</translation>
    </message>
    <message>
        <source>Fits on {device}</source>
        <translation>Passt auf {device}</translation>
    </message>
    <message>
        <source>Tight on {device}</source>
        <translation>Wird eng auf {device}</translation>
    </message>
    <message>
        <source>Will not fit on {device}</source>
        <translation>Passt nicht auf {device}</translation>
    </message>
    <message>
        <source>the graphics chip</source>
        <translation>dem Grafikchip</translation>
    </message>
    <message>
        <source>Fetching</source>
        <translation>Wird geholt</translation>
    </message>
    <message>
        <source>Converting</source>
        <translation>Wird umgewandelt</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation>Wird geprüft</translation>
    </message>
    <message>
        <source>Copying</source>
        <translation>Wird kopiert</translation>
    </message>
    <message>
        <source>{tokens} tokens of context</source>
        <translation>{tokens} Token Kontext</translation>
    </message>
    <message>
        <source>{tokens} tokens a second here</source>
        <translation>hier {tokens} Token pro Sekunde</translation>
    </message>
    <message>
        <source>size not known before</source>
        <translation>Größe vorher nicht bekannt</translation>
    </message>
    <message>
        <source>from {repo}</source>
        <translation>von {repo}</translation>
    </message>
    <message>
        <source>about {tokens} tokens a second</source>
        <translation>etwa {tokens} Token pro Sekunde</translation>
    </message>
    <message>
        <source>Paused; what has arrived is kept.</source>
        <translation>Angehalten; was angekommen ist, bleibt.</translation>
    </message>
    <message>
        <source>Waits for its turn.</source>
        <translation>Wartet, bis es an der Reihe ist.</translation>
    </message>
    <message>
        <source>{stage}: {done} of {total}</source>
        <translation>{stage}: {done} von {total}</translation>
    </message>
    <message>
        <source>{megabytes} MB a second</source>
        <translation>{megabytes} MB pro Sekunde</translation>
    </message>
    <message>
        <source>{time} left</source>
        <translation>noch {time}</translation>
    </message>
    <message>
        <source>less than a minute</source>
        <translation>weniger als eine Minute</translation>
    </message>
    <message>
        <source>a minute</source>
        <translation>eine Minute</translation>
    </message>
    <message>
        <source>{minutes} minutes</source>
        <translation>{minutes} Minuten</translation>
    </message>
    <message>
        <source>The conversations cannot be read: their file is encrypted, or damaged. {error}</source>
        <translation>Die Unterhaltungen können nicht gelesen werden: Ihre Datei ist verschlüsselt oder beschädigt. {error}</translation>
    </message>
    <message>
        <source>OpenAI&apos;s open models on your own machine. Nothing you write leaves it.</source>
        <translation>OpenAIs offene Modelle auf dem eigenen Rechner. Nichts, was Sie schreiben, verlässt ihn.</translation>
    </message>
    <message>
        <source>Hearth is free software under the Apache License 2.0. It uses Qt through PySide6, under the GNU Lesser General Public License, version 3: its libraries can be replaced.</source>
        <translation>Hearth ist freie Software unter der Apache License 2.0. Es verwendet Qt durch PySide6, unter der GNU Lesser General Public License, Version 3: Die Bibliotheken lassen sich ersetzen.</translation>
    </message>
    <message>
        <source>Hearth never looks for a newer version by itself.</source>
        <translation>Hearth sucht nie von selbst nach einer neueren Version.</translation>
    </message>
    <message>
        <source>The makers of this build named no place where newer ones are published.</source>
        <translation>Wer diese Ausgabe gebaut hat, hat keinen Ort genannt, an dem neuere erscheinen.</translation>
    </message>
    <message>
        <source>What is inside Hearth, and under which terms you have it.</source>
        <translation>Was in Hearth steckt und unter welchen Bedingungen Sie es haben.</translation>
    </message>
    <message>
        <source>About Hearth</source>
        <translation>Über Hearth</translation>
    </message>
    <message>
        <source>Check for updates</source>
        <translation>Nach einer neueren suchen</translation>
    </message>
    <message>
        <source>Open its page</source>
        <translation>Ihre Seite öffnen</translation>
    </message>
    <message>
        <source>Version {version}</source>
        <translation>Version {version}</translation>
    </message>
    <message>
        <source>Licences</source>
        <translation>Lizenzen</translation>
    </message>
    <message>
        <source>Asked {host}.</source>
        <translation>{host} wurde gefragt.</translation>
    </message>
    <message>
        <source>Version {version} has been published.</source>
        <translation>Version {version} ist erschienen.</translation>
    </message>
    <message>
        <source>This is the newest version.</source>
        <translation>Dies ist die neueste Version.</translation>
    </message>
</context>
</TS>
