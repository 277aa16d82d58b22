using System.CommandLine.Parsing;
using System.Globalization;

namespace SoftIov.Cli.Commands;

/// <summary>Ranges of numbers on the command line.</summary>
internal static class Bounds
{
    /// <summary>Adds an error when a number is given and out of range; text that is no number is the parser's business.</summary>
    public static void Check(OptionResult option, int low, int high)
    {
        foreach (Token token in option.Tokens)
        {
            if (int.TryParse(token.Value, CultureInfo.InvariantCulture, out int number) && (number < low || number > high))
            {
                option.AddError($"{option.Option.Name} {number} is out of range: {low} to {high}");
            }
        }
    }
}
