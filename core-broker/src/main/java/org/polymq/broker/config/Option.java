/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.util.Locale;

/**
 * One key of the configuration.
 *
 * @param key its name, levels separated by dots
 * @param type what its values are
 * @param defaultText its default, as one would write it
 * @param meaning what it does, one or two sentences
 */
record Option<T>(String key, OptionType<T> type, String defaultText, String meaning) {
    /** The environment variable that overrides the file. */
    String variable() {
        return "POLYMQ_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}
