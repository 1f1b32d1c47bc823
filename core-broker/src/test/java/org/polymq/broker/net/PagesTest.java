/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PagesTest {
    @ParameterizedTest
    @CsvSource({
        "http://localhost:8083, localhost:8083, true",
        "https://app.example, app.example, true",
        "https://app.example, app.example:443, true",
        "http://APP.example:80, app.example, true",
        "http://[::1]:8083, [::1]:8083, true",
        "http://localhost:8080, localhost:8083, false",
        "https://evil.example, app.example, false",
        "https://app.example.evil.example, app.example, false",
        "https://app.example@evil.example, app.example, false",
        "null, app.example, false",
        "file://, app.example, false",
        "https://app.example, '', false",
        "'', '', false",
    })
    void aPageMayTalkToWhereItCameFrom(String origin, String host, boolean same) {
        assertThat(Pages.isOf(origin, host)).isEqualTo(same);
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1:8080, true", "localhost, true", "[::1]:80, true", "evil.example:8080, false", "'', false"})
    void aPlainHostIsNoNameOfSomebodyElse(String host, boolean plain) {
        assertThat(Pages.isPlainHost(host)).isEqualTo(plain);
    }
}
