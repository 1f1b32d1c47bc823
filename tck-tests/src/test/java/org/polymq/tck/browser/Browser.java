/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.JavascriptExecutor;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.openqa.selenium.support.ui.WebDriverWait;

/** The system's Chromium on the dashboard of one server, used as a person does: by what labels and buttons say. */
final class Browser implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Dimension DESK = new Dimension(1100, 760);
    private static final Dimension PHONE = new Dimension(420, 800);

    private final ChromeDriver driver;
    private final WebDriverWait wait;
    private final String url;

    private Browser(ChromeDriver driver, String url) {
        this.driver = driver;
        this.wait = new WebDriverWait(driver, PATIENCE, Duration.ofMillis(50));
        wait.ignoring(StaleElementReferenceException.class);
        this.url = url;
    }

    /**
     * Chromium's and its driver's places are Debian's; {@code polymq.chromium} and {@code polymq.chromedriver} change
     * them.
     */
    static Browser open(String dashboard, Path profile) {
        ChromeOptions options = new ChromeOptions();
        options.setBinary(System.getProperty("polymq.chromium", "/usr/bin/chromium"));
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--user-data-dir=" + profile);
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(
                        new java.io.File(System.getProperty("polymq.chromedriver", "/usr/bin/chromedriver")))
                .withEnvironment(Map.of("SE_OFFLINE", "true", "SE_AVOID_STATS", "true"))
                .build();
        ChromeDriver driver = new ChromeDriver(service, options);
        driver.manage().window().setSize(DESK);
        Browser browser = new Browser(driver, "http://" + dashboard + "/");
        driver.get(browser.url);
        return browser;
    }

    /** Goes to a page, such as {@code topics/orders}, and waits for its heading. */
    void page(String path) {
        go(path);
        wait.until(ignored ->
                String.valueOf(driver.executeScript("return location.hash")).equals("#/" + path));
        wait.until(ExpectedConditions.presenceOfElementLocated(By.cssSelector("main h2")));
    }

    /** Goes to a page, whatever is shown then. */
    void go(String path) {
        driver.executeScript("location.hash = arguments[0]", "#/" + path);
    }

    void fill(String label, String text) {
        WebElement field = field(label);
        field.sendKeys(Keys.chord(Keys.CONTROL, "a"), Keys.DELETE);
        field.sendKeys(text);
    }

    void choose(String label, String value) {
        wait.until(ExpectedConditions.elementToBeClickable(By.xpath("(//label[normalize-space(text()[1])='" + label
                        + "'])[last()]//option[@value='" + value + "']")))
                .click();
    }

    void tick(String label) {
        wait.until(ExpectedConditions.elementToBeClickable(By.xpath("//label[contains(normalize-space(.), '" + label
                        + "')]//input[@type='checkbox'] | //input[@type='checkbox' and starts-with(@aria-label, '"
                        + label
                        + "')]")))
                .click();
    }

    private WebElement field(String label) {
        return wait.until(ExpectedConditions.elementToBeClickable(
                By.xpath("//label[normalize-space(text()[1])='" + label + "']//*[self::input or self::textarea]")));
    }

    /** Presses the first button that says exactly this, or is named so for those who cannot see it. */
    void press(String button) {
        wait.until(ExpectedConditions.elementToBeClickable(By.xpath("//button[normalize-space(.)='" + button
                        + "' and not(@aria-label)] | //button[@aria-label='" + button + "']")))
                .click();
    }

    /** The button in the row of a table that contains a text. */
    void pressInRow(String text, String button) {
        wait.until(ExpectedConditions.elementToBeClickable(
                        By.xpath("//tr[contains(., '" + text + "')]//button[normalize-space(.)='" + button + "']")))
                .click();
    }

    void follow(String link) {
        wait.until(ExpectedConditions.elementToBeClickable(By.xpath("//main//a[normalize-space(.)='" + link + "']")))
                .click();
    }

    /** The first link of the row of a table that contains a text. */
    void followRow(String text) {
        wait.until(ExpectedConditions.elementToBeClickable(By.xpath("//main//tr[contains(., '" + text + "')]//a")))
                .click();
    }

    /** Says yes to the question that was just asked. */
    void agree() {
        wait.until(ExpectedConditions.alertIsPresent()).accept();
    }

    /** Waits until the page shows a text. */
    void see(String text) {
        wait.withMessage(() -> "'" + text + "' in: " + text()).until(ignored -> text().contains(text));
    }

    void seeNoMore(String text) {
        wait.withMessage(() -> "no '" + text + "' in: " + text()).until(ignored -> !text().contains(text));
    }

    /** Waits until a row of a table has a text and another. */
    void seeRow(String one, String other) {
        wait.withMessage(() -> "a row of '" + one + "' and '" + other + "' in: " + text())
                .until(ExpectedConditions.presenceOfElementLocated(
                        By.xpath("//main//tr[contains(., '" + one + "') and contains(., '" + other + "')]")));
    }

    String text() {
        return driver.findElement(By.tagName("body")).getText();
    }

    /** The error that the page shows; empty if none. */
    String error() {
        List<WebElement> alerts = driver.findElements(By.cssSelector("[role=alert]"));
        return alerts.isEmpty() ? "" : alerts.get(0).getText();
    }

    boolean has(String css) {
        return !driver.findElements(By.cssSelector(css)).isEmpty();
    }

    @Nullable
    Object script(String script, Object... arguments) {
        return ((JavascriptExecutor) driver).executeScript(script, arguments);
    }

    /** The color behind everything, as the style sheet of a theme has it. */
    String background(String theme) {
        script("document.documentElement.dataset.theme = arguments[0]", theme);
        return driver.findElement(By.tagName("body")).getCssValue("background-color");
    }

    void onPhone() {
        driver.manage().window().setSize(PHONE);
    }

    void onDesk() {
        driver.manage().window().setSize(DESK);
    }

    /** How far the page is wider than the window, pixels: one has to scroll sideways then. */
    long tooWide() {
        return (Long) Objects.requireNonNull(
                script("return document.documentElement.scrollWidth - document.documentElement.clientWidth"));
    }

    /** Presses keys where the focus is. */
    void keys(CharSequence... keys) {
        driver.switchTo().activeElement().sendKeys(keys);
    }

    String focused() {
        return driver.switchTo().activeElement().getText();
    }

    void reload() {
        driver.navigate().refresh();
    }

    void screenshot(Path file) {
        try {
            Files.write(file, driver.getScreenshotAs(OutputType.BYTES));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(file).isNotEmptyFile();
    }

    @Override
    public void close() {
        driver.quit();
    }
}
