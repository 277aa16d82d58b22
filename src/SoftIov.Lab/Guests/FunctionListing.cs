using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using SoftIov.Lab.Pci;

namespace SoftIov.Lab.Guests;

/// <summary>
/// Functions of a guest with built-in drivers in lspci's words: by the real lspci(8) when it is installed, by numbers otherwise.
/// </summary>
internal static class FunctionListing
{
    private const int HeaderLength = 256;
    private const int BytesPerLine = 16;

    /// <summary>One line a function; the n-th is device n of bus 0.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<IPciDevice> functions)
    {
        var headers = new byte[functions.Count][];
        for (int i = 0; i < headers.Length; i++)
        {
            headers[i] = new byte[HeaderLength];
            functions[i].ReadConfig(0, headers[i]);
        }

        return ByLspci(headers) ?? [.. headers.Select(ByNumbers)];
    }

    private static List<string>? ByLspci(byte[][] headers)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, Dump(headers));
            using Process lspci = Process.Start(new ProcessStartInfo("lspci", ["-F", file])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            string[] lines = lspci.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            lspci.WaitForExit();
            return lines.Length == headers.Length ? [.. lines] : null;
        }
        catch (Win32Exception)
        {
            return null; // not installed
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string Dump(byte[][] headers)
    {
        var text = new StringBuilder();
        for (int i = 0; i < headers.Length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"00:{i:x2}.0 function\n");
            for (int offset = 0; offset < HeaderLength; offset += BytesPerLine)
            {
                text.Append(CultureInfo.InvariantCulture, $"{offset:x2}:");
                foreach (byte value in headers[i].AsSpan(offset, BytesPerLine))
                    text.Append(CultureInfo.InvariantCulture, $" {value:x2}");
                text.Append('\n');
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static string ByNumbers(byte[] header, int device) => string.Create(
        CultureInfo.InvariantCulture,
        $"00:{device:x2}.0 {header[11]:x2}{header[10]:x2}: {header[1]:x2}{header[0]:x2}:{header[3]:x2}{header[2]:x2} (rev {header[8]:x2})");
}
