using System.CommandLine.Parsing;
using System.Globalization;

namespace SoftIov.Cli.Commands;

/// <summary>Ranges of numbers on the command line.</summary>
internal static class Bounds
{
    private const double ShortestSeconds = 0.1;
    private const double LongestSeconds = 1e6;

    /// <summary>Adds an error when a number is given and out of range; text that is no number is the parser's business.</summary>
    public static void Check(OptionResult option, int low, int high)
    {
        foreach (Token token in option.Tokens)
        {
            if (long.TryParse(token.Value, CultureInfo.InvariantCulture, out long number) && (number < low || number > high))
            {
                option.AddError($"{option.Option.Name} {number} is out of range: {low} to {high}");
            }
        }
    }

    /// <summary>Adds an error when an option's value is no version.</summary>
    public static void CheckVersion(OptionResult option)
    {
        foreach (Token token in option.Tokens)
        {
            if (!Version.TryParse(token.Value, out _))
            {
                option.AddError($"{option.Option.Name} takes a version such as 10.2, and '{token.Value}' is none");
            }
        }
    }

    /// <summary>Seconds of an option, or null when the text is none.</summary>
    public static double? Seconds(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) ? seconds : null;

    /// <summary>Adds an error when an option's value is no time to wait.</summary>
    public static void CheckSeconds(OptionResult option, string hint = "")
    {
        foreach (Token token in option.Tokens)
        {
            if (Seconds(token.Value) is not (>= ShortestSeconds and <= LongestSeconds))
            {
                option.AddError($"{option.Option.Name} takes seconds, {ShortestSeconds} or more, and '{token.Value}' is none{hint}");
            }
        }
    }
}
