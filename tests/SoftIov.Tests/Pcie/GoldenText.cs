using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit;

namespace SoftIov.Tests.Pcie;

/// <summary>
/// Golden texts in Golden/: what lspci must say, reviewed line by line. They are compared, never silently rewritten: run the tests with
/// SOFTIOV_REWRITE_GOLDEN=1 to write them anew, then review the difference. The first line names the version of lspci that wrote it; with
/// another version only what both know is compared: bits that are set, and numbers.
/// </summary>
internal static partial class GoldenText
{
    private const string RewriteVariable = "SOFTIOV_REWRITE_GOLDEN";
    private const string VersionLine = "lspci ";

    /// <summary>Compares with Golden/<paramref name="name"/>.txt next to the calling source file.</summary>
    public static void Check(string name, string actual, [CallerFilePath] string source = "")
    {
        string file = Path.Combine(Path.GetDirectoryName(source)!, "Golden", name + ".txt");
        string version = VersionLine + Lspci.Version;
        if (Environment.GetEnvironmentVariable(RewriteVariable) == "1")
        {
            File.WriteAllText(file, $"{version}\n{actual}");
            return;
        }

        Assert.True(File.Exists(file), $"{file} is missing: set {RewriteVariable}=1 to write it, then review it");
        string[] golden = File.ReadAllText(file).Split('\n', 2);
        if (golden[0] == version)
            Assert.Equal(golden[1], actual);
        else
            Assert.Empty(Missing(golden[1], actual));
    }

    /// <summary>
    /// What a golden text says and <paramref name="actual"/> does not. Bits that are clear, their order and the breaking of lines change
    /// from version to version, and new versions know more bits.
    /// </summary>
    internal static List<string> Missing(string golden, string actual)
    {
        List<string> said = Words(actual);
        return Words(golden).FindAll(word => !said.Remove(word));
    }

    private static List<string> Words(string text) =>
        [.. Separator().Split(MessageNumber().Replace(text, "IntMsgNum $1")).Where(word => word.Length > 0 && !word.EndsWith('-'))];

    [GeneratedRegex(@"(?:MSI |IntMsg |IntMsgNum |Interrupt Message Number: )0*(\d)")]
    private static partial Regex MessageNumber();

    [GeneratedRegex(@"[\s,;()]+")]
    private static partial Regex Separator();
}
