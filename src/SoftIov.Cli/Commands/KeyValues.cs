using System.CommandLine.Parsing;

namespace SoftIov.Cli.Commands;

/// <summary>Arguments of the form KEY=VALUE.</summary>
internal static class KeyValues
{
    /// <summary>As pairs; they were checked before.</summary>
    public static IReadOnlyDictionary<string, string> Of(IEnumerable<string> arguments)
    {
        var values = new Dictionary<string, string>();
        foreach (string pair in arguments)
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            values.Add(pair[..equals], pair[(equals + 1)..]);
        }

        return values;
    }

    /// <summary>Refuses what is no pair, and a key that stands there twice.</summary>
    public static void Check(ArgumentResult result)
    {
        var seen = new HashSet<string>();
        foreach (Token token in result.Tokens)
        {
            int equals = token.Value.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                result.AddError($"'{token.Value}' is not KEY=VALUE, such as vlan=100");
            }
            else if (!seen.Add(token.Value[..equals]))
            {
                result.AddError($"'{token.Value[..equals]}' stands there twice");
            }
        }
    }
}
