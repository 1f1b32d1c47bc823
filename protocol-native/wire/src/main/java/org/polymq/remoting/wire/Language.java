/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire;

/** The language a client names in its headers; the binary header has its number. */
public enum Language {
    JAVA(0),
    CPP(1),
    DOTNET(2),
    PYTHON(3),
    DELPHI(4),
    ERLANG(5),
    RUBY(6),
    OTHER(7),
    HTTP(8),
    GO(9),
    PHP(10),
    OMS(11),
    RUST(12),
    NODE_JS(13);

    private static final Language[] ALL = values();

    private final int number;

    Language(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    /** The language of a number; {@link #OTHER} for one we do not know. */
    static Language of(int number) {
        return number >= 0 && number < ALL.length ? ALL[number] : OTHER;
    }

    /** The language of a name; {@link #OTHER} for one we do not know. */
    static Language of(String name) {
        for (Language language : ALL) {
            if (language.name().equals(name)) {
                return language;
            }
        }
        return OTHER;
    }
}
